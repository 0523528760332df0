"""Helpers that look at processes, and wait for what only the kernel or another process knows."""

import asyncio
import time
from collections.abc import Callable

import psutil

POLL_SECONDS = 0.01


def is_running(pid: int) -> bool:
    """Tells whether the process exists and is not a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_sleeping(pid: int) -> bool:
    """Tells whether the process waits in the kernel."""
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


async def wait_until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Waits for a condition. Raises `TimeoutError` if it does not become true."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(POLL_SECONDS)


async def wait_until_ended(*pids: int, within: float = 10.0) -> None:
    """Waits for the end of processes."""
    await wait_until(lambda: not any(map(is_running, pids)), within)
