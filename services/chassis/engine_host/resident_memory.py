"""Measures how much memory a process and those that it started hold."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_RESIDENT, _DATA = 1, 5
PROC = Path("/proc")


def resident_bytes(pid: int, proc: Path = PROC) -> int:
    """Returns the resident memory of a process and all its descendants; 0 if it has ended.

    Pages that they share are counted for each of them.
    """
    return sum(_statm(proc / str(each), _RESIDENT) for each in _with_descendants(pid, proc))


def data_bytes(pid: int) -> int:
    """Returns the private writable memory of one process, by which RLIMIT_DATA goes."""
    return _statm(PROC / str(pid), _DATA)


def _statm(process: Path, column: int) -> int:
    with suppress(OSError):
        return int((process / "statm").read_text().split()[column]) * _PAGE_BYTES
    return 0


def _with_descendants(pid: int, proc: Path) -> set[int]:
    found: set[int] = set()
    unread = [pid]
    while unread:
        each = unread.pop()
        if each not in found:
            found.add(each)
            unread += _children(proc / str(each))
    return found


def _children(process: Path) -> Iterator[int]:
    for children in (process / "task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, children.read_text().split())
