"""Polls for a condition, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

TIMEOUT_SECONDS = 20.0
POLL_SECONDS = 0.02

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]]) -> T:
    """Returns the first true value of `look`. Raises AssertionError with the last one after the deadline."""
    found: object = None
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while True:
                found = value = await look()
                if value:
                    return value
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise AssertionError(f"the condition was not met in time; the last value was {found!r}") from None
