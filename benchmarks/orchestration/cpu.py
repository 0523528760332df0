"""What processors have spent on a contender, its servers included: steadier than time on a busy machine."""

import os
from collections import Counter
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds_by_program(root: int) -> Counter[str]:
    """CPU seconds of a process's descendants since they began, those that have ended included."""
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
    total: Counter[str] = Counter()
    for pid, (name, seconds) in spent.items():
        if is_below(pid, root, parents):
            total[name] += seconds
    return total


def is_below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == root:
            return True
    return False
