"""Scratch directories of workers, and the removal of those that killed workers have left."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(parent: str, service: str) -> Generator[Path]:
    """Creates a directory for this process, which is removed with its content at the end.

    Directories that killed workers of the same service have left are removed first: nothing else removes
    them, and a restarted container finds them again. A live worker keeps its directory locked; a process id
    would not do, as the system gives it to another process.
    """
    base = Path(parent or tempfile.gettempdir())
    base.mkdir(parents=True, exist_ok=True)
    prefix = f"likeness-{service}-"
    for left in base.glob(f"{prefix}*"):
        _remove_if_ownerless(left)
    folder, lock = _locked_folder(base, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder(base: Path, prefix: str) -> tuple[Path, int]:
    """Creates a directory and locks it; tries again if another worker has removed it before it was locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            lock = _lock(folder)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_if_ownerless(folder: Path) -> None:
    """Removes a directory that no process has locked."""
    with contextlib.suppress(OSError):  # it is in use, belongs to another user, or has been removed
        lock = _lock(folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _lock(folder: Path) -> int:
    """Returns a descriptor that locks the folder until it is closed, at the latest with the process.

    Raises `OSError` if another process holds the lock.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
