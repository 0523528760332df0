"""Where a worker's stages keep their files while they run."""

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
    """A folder of this process's own, removed with all that is in it.

    What killed workers of the same service left behind is removed first: nobody else does, and a
    container that is restarted finds it again. A living worker keeps its folder locked; its number would not
    do, for the system gives it to another process.
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
    """One that no other worker has taken for a left one before it was locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            lock = _lock(folder)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_if_ownerless(folder: Path) -> None:
    with contextlib.suppress(OSError):  # it is in use, another user's, or gone by now
        lock = _lock(folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _lock(folder: Path) -> int:
    """A descriptor that holds the folder until it is closed, at the latest with the process. Raises `OSError`
    if another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
