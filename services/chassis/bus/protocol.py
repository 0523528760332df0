"""The bus protocol: work queues and broadcasts.

Messages on the bus only notify: the gateway's tables hold the state.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it crosses the wire.

    `headers` follow CloudEvents' binary mode (`ce-id`, `ce-type`, `ce-source`, `ce-time`) and carry the W3C
    `traceparent`. `id` equals `ce-id` and is unique to the message: a broker with deduplication drops a
    second message with the same id. One without delivers both, so duplicates may always arrive.
    """

    subject: str
    id: str
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Delivery(Protocol):
    """A delivery of one message to one consumer.

    Exactly one of `ack`, `release` and `reject` ends it. If the consumer dies or neither ends nor extends it
    within the lease, the message is delivered again; after five deliveries it is not. Calls for a delivery
    whose message the broker has given to another consumer are harmless, and may be lost.
    """

    @property
    def envelope(self) -> Envelope: ...

    @property
    def attempt(self) -> int:
        """Returns the number of the delivery, from one; above one the message has been delivered before."""
        ...

    async def ack(self) -> None:
        """Acknowledges the message: it is done with."""
        ...

    async def release(self, delay: float = 0.0) -> None:
        """Returns the message to its queue, to be delivered again after `delay` seconds."""
        ...

    async def reject(self) -> None:
        """Rejects the message as poison: it is never delivered again."""
        ...

    async def extend(self) -> None:
        """Renews the lease on the delivery."""
        ...


class Bus(Protocol):
    """Work queues with competing consumers, and broadcasts. Both adapters pass one conformance suite.

    Every method raises `BusUnavailable` when the broker cannot be reached in time; connections recover by
    themselves.
    """

    async def publish(self, envelope: Envelope) -> None:
        """Returns once the broker has made the message durable.

        Raises `BusUnavailable` if it does not confirm, `InvalidArgument` if the message is too big.
        """
        ...

    def consume(
        self, subject: str, *, prefetch: int
    ) -> AbstractAsyncContextManager[AsyncGenerator[Delivery]]:
        """Competes for the messages of one queue subject, at most `prefetch` unacknowledged at a time.

        The generator never ends by itself. Closing it, or cancelling the task that waits on it, stops the
        fetching; open deliveries stay valid until the context is left, which releases those not ended.
        """
        ...

    async def broadcast(self, envelope: Envelope) -> None:
        """Sends the message to all current listeners; it is not stored."""
        ...

    def listen(self, subject: str) -> AbstractAsyncContextManager[AsyncIterator[Envelope]]:
        """Yields every broadcast on the subject from now on."""
        ...

    async def check(self) -> None:
        """Raises `BusUnavailable` unless the broker stores messages now, and gives them back.

        A broker that has met a full disk may answer everything else, for ever.
        """
        ...

    async def close(self) -> None: ...
