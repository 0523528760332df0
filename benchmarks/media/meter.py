"""Measures the time that work costs this process and its children."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time, and of CPU time on all processors together."""

    wall: float
    cpu: float

    def per(self, seconds: float) -> "Cost":
        """Returns the cost of one second of that many."""
        return Cost(self.wall / seconds, self.cpu / seconds)


def cost_of(work: Callable[[], object]) -> Cost:
    """Runs the work and returns its cost."""
    wall, cpu = time.perf_counter(), _cpu_seconds()
    work()
    return Cost(time.perf_counter() - wall, _cpu_seconds() - cpu)


def _cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
