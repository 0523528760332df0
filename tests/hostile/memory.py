"""Watches the memory of the gateway, of its child processes and of the engines."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.hostile.measures import Memory

PROC = Path("/proc")
SAMPLE_SECONDS = 0.1
KIB_IN_MIB = 1024
RESET_PEAK = "5"
GATEWAY = "gateway"


class MemoryWatch:
    """Samples the memory of the processes in a thread of its own, until `stop`.

    A process's peak is what the kernel keeps of it; so none is missed between two samples of a process that
    lives on.
    """

    def __init__(self, services: Mapping[str, int]) -> None:
        self._services = services
        self._memory = Memory()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        for process in self._services.values():
            for each in (process, *descendants(process)):
                forget_peak(each)
        self._thread.start()

    def stop(self) -> Memory:
        self._stop.set()
        self._thread.join()
        self._sample()
        return self._memory

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        for service, process in self._services.items():
            if service == GATEWAY:
                self._memory.gateway = max(self._memory.gateway, peak_mib(process))
            sizes = self._memory.probes if service == GATEWAY else self._memory.engines
            for child in descendants(process):
                name = f"{service} {child}"
                sizes[name] = max(sizes.get(name, 0.0), peak_mib(child))


def descendants(process: int) -> Iterable[int]:
    """Yields the ids of all processes that were started below one."""
    for task in (PROC / str(process) / "task").glob("*/children"):
        with suppress(OSError):  # it has ended
            for child in map(int, task.read_text().split()):
                yield child
                yield from descendants(child)


def peak_mib(process: int) -> float:
    """Returns the largest resident memory of a process; 0 if it has ended."""
    with suppress(OSError):
        for line in (PROC / str(process) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / KIB_IN_MIB
    return 0.0


def forget_peak(process: int) -> None:
    with suppress(OSError):
        (PROC / str(process) / "clear_refs").write_text(RESET_PEAK)
