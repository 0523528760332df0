"""Limits of the resources that a confined process may take."""

import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of a process; those that it starts each have the same.

    `memory_bytes` bounds the private memory that it may write to: heap, mappings and the stacks of its
    threads, but neither code nor files that are mapped for reading. `cpu_seconds` is of its whole life: it
    receives SIGXCPU then. `file_bytes` is the size of the largest file that it may write. `None` is no limit.
    """

    memory_bytes: int
    cpu_seconds: int | None
    open_files: int
    file_bytes: int

    def apply(self) -> None:
        """Applies the limits to this process. None of them can be raised again."""
        _lower(resource.RLIMIT_CORE, 0, 0)
        limit_memory(self.memory_bytes)
        _lower(resource.RLIMIT_NOFILE, self.open_files, self.open_files)
        _lower(resource.RLIMIT_FSIZE, self.file_bytes, self.file_bytes)
        if self.cpu_seconds is not None:
            # The kernel kills a process that survives its SIGXCPU, but one second later.
            _lower(resource.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 1)


def limit_memory(size: int) -> None:
    """Lowers the limit of this process's private writable memory to `size` bytes."""
    _lower(resource.RLIMIT_DATA, size, size)


def _lower(kind: int, soft: int, hard: int) -> None:
    """Sets a limit, or keeps the one in force if that is lower already."""
    present_soft, present_hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (_lesser(soft, present_soft), _lesser(hard, present_hard)))


def _lesser(wanted: int, present: int) -> int:
    return wanted if present == resource.RLIM_INFINITY else min(wanted, present)
