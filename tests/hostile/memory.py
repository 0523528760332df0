"""Watches the memory of the gateway, of its child processes and of the engines."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from services.chassis.engine_api.spec import EngineSpec
from tests.hostile.measures import Memory

PROC = Path("/proc")
SAMPLE_SECONDS = 0.1
KIB_IN_MIB = 1024
RESET_PEAK = "5"
GATEWAY = "gateway"
ENGINE_HOST = "services.chassis.engine_host.child"


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
                for child in descendants(process):
                    note_peak(self._memory.probes, str(child), child)
                continue
            for host in children(process):
                if engine := engine_of(host):
                    for each in (host, *descendants(host)):
                        note_peak(self._memory.engines, engine, each)


def note_peak(sizes: dict[str, float], name: str, process: int) -> None:
    sizes[name] = max(sizes.get(name, 0.0), peak_mib(process))


def engine_of(process: int) -> str:
    """Returns the path of the engine that a process hosts; empty for another process."""
    with suppress(OSError):
        words = (PROC / str(process) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        if ENGINE_HOST in words:
            return words[words.index(ENGINE_HOST) + 1]
    return ""


def bound_mib(engine: str) -> float:
    """Returns how much memory a process of the engine may hold, as its spec says."""
    module, _, name = engine.partition(":")
    spec: EngineSpec = getattr(import_module(module), name)().spec
    return spec.memory_bytes() / (1 << 20)


def children(process: int) -> Iterable[int]:
    """Yields the ids of the processes that one has started."""
    for task in (PROC / str(process) / "task").glob("*/children"):
        with suppress(OSError):  # it has ended
            yield from map(int, task.read_text().split())


def descendants(process: int) -> Iterable[int]:
    """Yields the ids of all processes that were started below one."""
    for child in children(process):
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
