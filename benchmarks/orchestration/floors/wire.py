"""Defines the interface of a floor to a message broker."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

Ack = Callable[[], Awaitable[None]]
Received = tuple[bytes, Ack]
PREFETCH = 500
"""Maximum number of messages that are not acknowledged yet."""


class Wire(Protocol):
    """A connection that sends to queues and receives from them."""

    async def open(self, url: str) -> None: ...

    async def send(self, queue: str, bodies: Sequence[bytes]) -> None:
        """Sends all bodies and returns once the broker has confirmed them."""
        ...

    async def receive(self, queue: str, handle: Callable[[Received], None]) -> None:
        """Calls `handle` with each message from now on. One that is not acknowledged is delivered again."""
        ...

    async def close(self) -> None: ...
