"""Where a worker's stages keep their files while they run."""

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
    container that is restarted finds it again.
    """
    base = Path(parent or tempfile.gettempdir())
    base.mkdir(parents=True, exist_ok=True)
    prefix = f"likeness-{service}-"
    for left in base.glob(f"{prefix}*-*"):
        if _is_ownerless(left.name.removeprefix(prefix).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)  # it may be another user's
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_ownerless(pid: str) -> bool:
    """This process has no folder yet: one with its number is of a predecessor in the same container."""
    if not pid.isdigit():
        return False
    return int(pid) == os.getpid() or not Path(f"/proc/{pid}").exists()
