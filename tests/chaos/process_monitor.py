"""Watches over processes, memory and files of a stack while it runs."""

import asyncio
import time
from collections import defaultdict
from pathlib import Path

import psutil

from tests.chaos.stack import ChaosStack, engine_processes

LOOK_SECONDS = 2.0
ORPHAN_SECONDS = 6.0
WARM_SECONDS = 30.0
LONG_LIFE_SECONDS = 90.0
SAMPLES = 3
MEBIBYTE = 1 << 20
GROWTH_LIMIT_MIB = 32.0


class Housekeeping:
    """Run it all along; ask it at the end."""

    def __init__(self, stack: ChaosStack) -> None:
        self._stack = stack
        self._masterless: dict[int, float] = {}
        self._memory: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._born: dict[tuple[str, int], float] = {}
        self.orphans: set[int] = set()

    async def run(self) -> None:
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        self._look_for_orphans()
        self._measure()

    def growth_mib(self) -> dict[str, float]:
        """By process: how much it has grown between its warm youth and now, if it has lived long enough."""
        needed = 2 * SAMPLES + (LONG_LIFE_SECONDS - WARM_SECONDS) / LOOK_SECONDS
        return {
            f"{name} ({pid})": sum(samples[-SAMPLES:]) / SAMPLES - sum(samples[:SAMPLES]) / SAMPLES
            for (name, pid), samples in self._memory.items()
            if len(samples) >= needed
        }

    def largest_mib(self) -> float:
        return max((max(samples) for samples in self._memory.values() if samples), default=0.0)

    def _look_for_orphans(self) -> None:
        """An engine whose worker has gone for some seconds."""
        workers = {self._stack.pid(name) for name in self._stack.services}
        now = time.monotonic()
        masterless = {
            process.pid for process, worker in engine_processes(self._stack.root) if worker not in workers
        }
        self._masterless = {pid: self._masterless.get(pid, now) for pid in masterless}
        self.orphans |= {pid for pid, since in self._masterless.items() if now - since > ORPHAN_SECONDS}

    def _measure(self) -> None:
        now = time.monotonic()
        for name in self._stack.services:
            pid = self._stack.pid(name)
            if pid is None:
                continue
            born = self._born.setdefault((name, pid), now)
            if now - born >= WARM_SECONDS:
                pss = pss_mib(pid)
                if pss is not None:
                    self._memory[name, pid].append(pss)


def pss_mib(pid: int) -> float | None:
    """None if it has gone."""
    try:
        return psutil.Process(pid).memory_full_info().pss / MEBIBYTE
    except (psutil.NoSuchProcess, psutil.ZombieProcess, ProcessLookupError):
        return None


def left_files(root: Path) -> list[str]:
    """What services and stages have left in their folders."""
    folders = (root / "scratch", *(root / "tmp").iterdir())
    return [str(path.relative_to(root)) for folder in folders for path in folder.iterdir()]


def left_stage_folders(root: Path) -> list[str]:
    """What stages and inspections have left, while the workers still run."""
    return [str(path.relative_to(root)) for path in (root / "scratch").glob("*/*")]
