"""Temporary folders whose errors say so if their cause is a full disk."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from services.chassis.errors import DiskFull

MIN_FREE_BYTES = 1 << 20
"""A disk with less counts as full."""
HEALTH_BYTES = 4096
"""Size of what a check stores: a block of a file system, since less may still fit into a block that a full
disk has given away already."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def disk_full_reported(folder: Path) -> Generator[None]:
    """Raises `DiskFull` in place of any error that comes while the disk of `folder` is full.

    Programs and libraries that fail to write say so in words of their own, or not at all.
    """
    try:
        yield
    except Exception as error:
        if is_disk_full(error) or not has_room(folder):
            raise disk_full() from error
        raise


@contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Generator[Path]:
    """Yields a new folder, which is removed with its content in the end, except for what a thread that cannot
    be stopped still writes. Raises `DiskFull` in place of any error that comes while its disk is full.

    `None` stands for the system's folder for temporary files.
    """
    parent = parent or Path(gettempdir())
    with disk_full_reported(parent):
        folder = TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True)
    with folder as path, disk_full_reported(parent):  # asked before the folder is removed and its space free
        yield Path(path)


def is_disk_full(error: BaseException) -> bool:
    """Tells whether the operating system has refused a write for want of space."""
    return isinstance(error, OSError) and error.errno in _FULL


def disk_full() -> DiskFull:
    return DiskFull(
        "There is no space left for temporary files. Try again later: it takes an operator to free space, or "
        "to give LIKENESS_SCRATCH_DIR or TMPDIR a larger disk."
    )


def has_room(folder: Path, min_bytes: int = MIN_FREE_BYTES) -> bool:
    """Tells whether the disk of the folder has space and room for another file."""
    found = os.statvfs(folder)
    has_files = found.f_files == 0 or found.f_favail > 0  # some file systems count no files
    return has_files and found.f_bavail * found.f_frsize >= min_bytes
