"""Monitors processes, memory and files of a running stack."""

import asyncio
import time
from collections import defaultdict
from pathlib import Path

import psutil

from tests.chaos.stack import ChaosStack, engine_processes

SAMPLE_SECONDS = 2.0
ORPHAN_SECONDS = 6.0
WARM_SECONDS = 30.0
LONG_LIFE_SECONDS = 90.0
SAMPLES = 3
MEBIBYTE = 1 << 20
GROWTH_LIMIT_MIB = 32.0


class ProcessMonitor:
    """Samples processes at an interval. Read the results after the run."""

    def __init__(self, stack: ChaosStack) -> None:
        self._stack = stack
        self._orphaned_since: dict[int, float] = {}
        self._memory: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._born: dict[tuple[str, int], float] = {}
        self.orphans: set[int] = set()

    async def run(self) -> None:
        while True:
            await asyncio.to_thread(self.sample)
            await asyncio.sleep(SAMPLE_SECONDS)

    def sample(self) -> None:
        self._find_orphans()
        self._measure()

    def growth_mib(self) -> dict[str, float]:
        """Returns the memory growth since its warm-up of each process that has lived long enough."""
        needed = 2 * SAMPLES + (LONG_LIFE_SECONDS - WARM_SECONDS) / SAMPLE_SECONDS
        return {
            f"{name} ({pid})": sum(samples[-SAMPLES:]) / SAMPLES - sum(samples[:SAMPLES]) / SAMPLES
            for (name, pid), samples in self._memory.items()
            if len(samples) >= needed
        }

    def largest_mib(self) -> float:
        return max((max(samples) for samples in self._memory.values() if samples), default=0.0)

    def _find_orphans(self) -> None:
        """Finds engine processes whose worker has been gone for `ORPHAN_SECONDS`."""
        workers = {self._stack.pid(name) for name in self._stack.services}
        now = time.monotonic()
        orphaned = {
            process.pid for process, worker in engine_processes(self._stack.root) if worker not in workers
        }
        self._orphaned_since = {pid: self._orphaned_since.get(pid, now) for pid in orphaned}
        self.orphans |= {pid for pid, since in self._orphaned_since.items() if now - since > ORPHAN_SECONDS}

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
    """Returns `None` if the process has ended."""
    try:
        return psutil.Process(pid).memory_full_info().pss / MEBIBYTE
    except (psutil.NoSuchProcess, psutil.ZombieProcess, ProcessLookupError):
        return None


def left_files(root: Path) -> list[str]:
    """Returns the paths that services and stages have left in their folders."""
    folders = (root / "scratch", *(root / "tmp").iterdir())
    return [str(path.relative_to(root)) for folder in folders for path in folder.iterdir()]


KEPT_FOLDERS = ("home", "inputs")
"""Folders of a worker: its engines' home, and inputs that it may need again."""


def left_stage_folders(root: Path) -> list[str]:
    """Returns the folders that stages and inspections have left, while the workers still run."""
    found = (root / "scratch").glob("*/*")
    return [str(path.relative_to(root)) for path in found if path.name not in KEPT_FOLDERS]
