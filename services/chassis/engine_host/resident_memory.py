"""Measures how much memory a process and those that it started hold."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_RESIDENT, _DATA = 1, 5
_PROC = Path("/proc")


def resident_bytes(pid: int) -> int:
    """Returns the resident memory of a process and all its descendants; 0 if it has ended.

    Pages that they share are counted for each of them.
    """
    return sum(_statm(each, _RESIDENT) for each in _with_descendants(pid))


def data_bytes(pid: int) -> int:
    """Returns the private writable memory of one process, by which RLIMIT_DATA goes."""
    return _statm(pid, _DATA)


def _statm(pid: int, column: int) -> int:
    with suppress(OSError):
        return int((_PROC / str(pid) / "statm").read_text().split()[column]) * _PAGE_BYTES
    return 0


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    for children in (_PROC / str(pid) / "task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                yield from _with_descendants(int(child))
