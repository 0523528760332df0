"""What a floor needs of a message broker."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

Ack = Callable[[], Awaitable[None]]
Received = tuple[bytes, Ack]
PREFETCH = 500


class Wire(Protocol):
    async def open(self, url: str) -> None: ...

    async def send(self, queue: str, bodies: Sequence[bytes]) -> None:
        """Return once the broker has confirmed all of them."""
        ...

    async def receive(self, queue: str, handle: Callable[[Received], None]) -> None:
        """`handle` takes each message from now on; it comes again unless it is acknowledged."""
        ...

    async def close(self) -> None: ...
