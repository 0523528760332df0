"""What is measured of each contender, in the same way for all."""

import asyncio
import itertools
import time
from contextlib import suppress

from benchmarks.orchestration.system import Submit

STUCK_SECONDS = 180.0
RETRY_SECONDS = 2.0


class Stopwatch:
    """Submits chains and takes note of their ends."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._open: set[str] = set()
        self._ended = asyncio.Event()

    def done(self, chain: str) -> None:
        """Harmless for one that has ended before."""
        self._open.discard(chain)
        self._ended.set()

    async def until_up(self, submit: Submit) -> None:
        """Until chains come through. More than one may be needed: some brokers keep none for later."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_SECONDS):
                    await self.latencies(submit, 1)
                    return
            self._open.clear()

    async def latencies(self, submit: Submit, count: int) -> list[float]:
        """Seconds from submission to end, one chain at a time."""
        seconds: list[float] = []
        for _ in range(count):
            start = time.perf_counter()
            await submit(self._new(1))
            await self._until_open_at_most(0)
            seconds.append(time.perf_counter() - start)
        return seconds

    async def rate(self, submit: Submit, *, window: int, total: int) -> float:
        """Chains per second, from the first submission to the last end, with `window` of them open."""
        start = time.perf_counter()
        left = total
        while left:
            await self._until_open_at_most(window - 1)
            chains = self._new(min(left, window - len(self._open)))
            left -= len(chains)
            await submit(chains)
        await self._until_open_at_most(0)
        return total / (time.perf_counter() - start)

    def _new(self, count: int) -> list[str]:
        chains = [f"chain-{next(self._numbers)}" for _ in range(count)]
        self._open.update(chains)
        return chains

    async def _until_open_at_most(self, count: int) -> None:
        while len(self._open) > count:
            self._ended.clear()
            async with asyncio.timeout(STUCK_SECONDS):
                await self._ended.wait()
