"""Measures latency and rate of chains, in the same way for every contender."""

import asyncio
import itertools
import time
from contextlib import suppress

from benchmarks.orchestration.system import Submit

MAX_WAIT_SECONDS = 180.0
RETRY_SECONDS = 2.0


class Stopwatch:
    """Submits chains and measures the time until they have ended."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._open: set[str] = set()
        self._ended = asyncio.Event()

    def done(self, chain: str) -> None:
        """Counts a chain as ended. Calling it again for the same chain has no effect."""
        self._open.discard(chain)
        self._ended.set()

    async def until_up(self, submit: Submit) -> None:
        """Submits chains until one has ended. Some brokers drop those sent before a worker listens."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_SECONDS):
                    await self.latencies(submit, 1)
                    return
            self._open.clear()

    async def latencies(self, submit: Submit, count: int) -> list[float]:
        """Returns the seconds from submission to end of each chain, one chain at a time."""
        seconds: list[float] = []
        for _ in range(count):
            start = time.perf_counter()
            await submit(self._new(1))
            await self._wait_until_open(0)
            seconds.append(time.perf_counter() - start)
        return seconds

    async def rate(self, submit: Submit, *, window: int, total: int) -> float:
        """Returns the chains per second, from the first submission to the last end with `window` open."""
        start = time.perf_counter()
        left = total
        while left:
            await self._wait_until_open(window - 1)
            chains = self._new(min(left, window - len(self._open)))
            left -= len(chains)
            await submit(chains)
        await self._wait_until_open(0)
        return total / (time.perf_counter() - start)

    def _new(self, count: int) -> list[str]:
        chains = [f"chain-{next(self._numbers)}" for _ in range(count)]
        self._open.update(chains)
        return chains

    async def _wait_until_open(self, count: int) -> None:
        while len(self._open) > count:
            self._ended.clear()
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await self._ended.wait()
