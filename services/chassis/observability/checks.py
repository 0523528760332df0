"""Checks of a process's dependencies, each run at most once at a time and once a second for all callers."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services.chassis.errors import LikenessError

log = structlog.get_logger()

Check = Callable[[], Awaitable[None]]
FRESH_SECONDS = 1.0
"""How long a result holds. A check writes: however many ask, it must cost little."""


class RecentCheck:
    """A check whose result holds for a second.

    `limit_seconds` is how long a caller waits for a result. A check that takes longer goes on, since what it
    waits for may be a thread, and no second one begins beside it.
    """

    def __init__(
        self, name: str, check: Check, *, limit_seconds: float, fresh_seconds: float = FRESH_SECONDS
    ) -> None:
        self._name = name
        self._check = check
        self._limit = limit_seconds
        self._fresh = fresh_seconds
        self._run: asyncio.Task[str] | None = None
        self._ended_at = 0.0

    async def problem(self) -> str:
        """Returns why the check fails, empty if it passes."""
        if self._run is None or self._is_stale(self._run):
            self._run = asyncio.create_task(self._note_end(), name=f"check {self._name}")
        done, _ = await asyncio.wait({self._run}, timeout=self._limit)
        if not done:
            return f"The {self._name} did not answer within {self._limit:g} seconds."
        return done.pop().result()

    def _is_stale(self, run: asyncio.Task[str]) -> bool:
        return run.done() and asyncio.get_running_loop().time() >= self._ended_at + self._fresh

    async def _note_end(self) -> str:
        try:
            return await problem_of(self._name, self._check)
        finally:
            self._ended_at = asyncio.get_running_loop().time()


async def problem_of(name: str, check: Check) -> str:
    """Runs the check and returns why it fails, empty if it passes."""
    try:
        await check()
    except LikenessError as error:
        return error.message
    except TimeoutError:
        return f"The {name} did not answer in time."
    except Exception as error:
        log.exception("health.check_failed", check=name)
        return f"The check failed with {type(error).__name__}: see the log of the service."
    return ""
