"""Measures the CPU time of a contender and its servers. It is steadier than wall time on a busy machine."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds_by_program(root: int) -> dict[str, float]:
    """Returns the CPU seconds of a process's descendants since they began, by program.

    The time of children that have ended is included.
    """
    parents: dict[int, int] = {}
    spent: dict[int, tuple[str, float]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = path.read_text().partition(" (")
        except OSError:  # it has ended meanwhile
            continue
        name, _, fields = rest.rpartition(") ")
        pid, fields = int(number), fields.split()
        parents[pid] = int(fields[1])
        spent[pid] = (name if pid != os.getpid() else "driver", sum(map(int, fields[11:15])) / TICKS)
    total: dict[str, float] = {}
    for pid, (name, seconds) in spent.items():
        if is_below(pid, root, parents):
            total[name] = total.get(name, 0.0) + seconds
    return total


def is_below(pid: int, root: int, parents: dict[int, int]) -> bool:
    """Tells whether a process descends from `root`. `parents` are parent ids by process id."""
    while pid in parents:
        pid = parents[pid]
        if pid == root:
            return True
    return False
