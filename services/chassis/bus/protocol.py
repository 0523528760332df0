"""What a bus is. The bus is a doorbell: the gateway's tables are the truth."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it crosses the wire.

    `headers` follow CloudEvents' binary mode (`ce-id`, `ce-type`, `ce-source`, `ce-time`) and carry
    the W3C `traceparent`. `id` equals `ce-id` and is the message's own: a broker that can drops a
    second message with the same id. One that cannot delivers both, so duplicates may always arrive.
    """

    subject: str
    id: str
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Delivery(Protocol):
    """One delivery of one message to one consumer.

    Exactly one of `ack`, `release` and `reject` ends it. If the consumer dies or neither ends nor
    extends it within the lease, the message is delivered again; after five deliveries it is not.
    What is said of a delivery that the broker has given to another is harmless, and may be lost.
    """

    @property
    def envelope(self) -> Envelope: ...

    @property
    def attempt(self) -> int:
        """Counts from one; above one the message has been delivered before."""
        ...

    async def ack(self) -> None:
        """The message is done with."""
        ...

    async def release(self, delay: float = 0.0) -> None:
        """Hand the message back, to be delivered again after `delay` seconds."""
        ...

    async def reject(self) -> None:
        """The message is poison: never deliver it again."""
        ...

    async def extend(self) -> None:
        """Renew the lease on the delivery."""
        ...


class Bus(Protocol):
    """Work queues with competing consumers, and broadcasts. Both adapters pass one conformance suite.

    Every method raises `BusUnavailable` when the broker cannot be reached in time; connections
    heal by themselves.
    """

    async def publish(self, envelope: Envelope) -> None:
        """Return once the broker has made the message durable.

        Raises `BusUnavailable` if it does not confirm, `InvalidArgument` if the message is too big.
        """
        ...

    def consume(
        self, subject: str, *, prefetch: int
    ) -> AbstractAsyncContextManager[AsyncGenerator[Delivery]]:
        """Compete for the messages of one queue subject, at most `prefetch` of them in hand at once.

        The generator never ends by itself. Closing it, or cancelling who waits on it, stops the
        fetching; deliveries in hand stay valid until the context is left, which releases those not ended.
        """
        ...

    async def broadcast(self, envelope: Envelope) -> None:
        """Send to everyone who listens now; kept for nobody."""
        ...

    def listen(self, subject: str) -> AbstractAsyncContextManager[AsyncIterator[Envelope]]:
        """Every broadcast on the subject from now on."""
        ...

    async def check(self) -> None:
        """Raise `BusUnavailable` unless the broker answers."""
        ...

    async def close(self) -> None: ...
