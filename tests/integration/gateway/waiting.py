"""ReadyStage for what must happen, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

WITHIN_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.02

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]]) -> T:
    """The first true value of `look`. Raises AssertionError with the last one after the deadline."""
    found: object = None
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            while True:
                found = value = await look()
                if value:
                    return value
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
    except TimeoutError:
        raise AssertionError(f"it did not come about; the last look saw {found!r}") from None
