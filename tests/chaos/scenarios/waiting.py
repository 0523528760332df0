"""Polls for conditions that only the record of runs or another process shows."""

import asyncio
import time
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.05


async def until(condition: Callable[[], bool], seconds: float, poll: float = POLL_SECONDS) -> bool:
    """Tells whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(poll)
    return True


async def until_async(condition: Callable[[], Awaitable[bool]], seconds: float, poll: float = 0.2) -> bool:
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(poll)
    return True
