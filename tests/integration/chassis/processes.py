"""Whether processes live, and waiting for what only the kernel or another process knows."""

import asyncio
import time
from collections.abc import Callable

import psutil

POLL_SECONDS = 0.01


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def sleeps(pid: int) -> bool:
    """It waits in the kernel for something."""
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Raises `TimeoutError` if it does not come true."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(POLL_SECONDS)


async def until_ended(*pids: int, within: float = 10.0) -> None:
    await until(lambda: not any(map(runs, pids)), within)
