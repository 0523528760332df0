"""File systems of their own, which can be filled and freed without taking space on the machine.

Each is in a sparse file; a file that `fallocate` makes in it takes none of the machine's blocks. They are
mounted in a mount namespace of this process: they end with it, however it ends.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNS = 0x20000
SIZE_BYTES = 4 << 30
FILLER = ".filler"
TOOLS = ("mount", "umount", "mkfs.ext4", "fallocate")


class SmallDisk:
    """A mounted file system of 4 GiB."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._image = folder.with_name(f".{folder.name}.image")

    def mount(self) -> None:
        self._folder.mkdir(parents=True)
        with self._image.open("wb") as image:
            image.truncate(SIZE_BYTES)
        run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(self._image))
        run("mount", "-o", "loop", str(self._image), str(self._folder))
        self._folder.chmod(0o755)

    def unmount(self) -> None:
        run("umount", "--lazy", str(self._folder))
        self._image.unlink()

    def fill(self) -> None:
        """Takes all space that is left."""
        # It takes what there is, and then complains that it was not enough.
        command = ["fallocate", "-l", str(SIZE_BYTES), str(self._folder / FILLER)]
        subprocess.run(command, check=False, capture_output=True)

    def free(self) -> None:
        (self._folder / FILLER).unlink()


@contextmanager
def small_disks(folders: list[Path]) -> Generator[list[SmallDisk]]:
    """Mounts a disk at each folder, none of which may exist yet."""
    disks = [SmallDisk(folder) for folder in folders]
    mounted: list[SmallDisk] = []
    try:
        for disk in disks:
            disk.mount()
            mounted.append(disk)
        yield disks
    finally:
        for disk in mounted:
            disk.unmount()


def missing_for_disks() -> str | None:
    """Returns why this process cannot mount disks; `None` if it can."""
    if os.geteuid() != 0:
        return "only root can mount the small disks that are filled"
    absent = [tool for tool in TOOLS if tool_path(tool) is None]
    return f"there is no {', '.join(absent)}" if absent else None


def enter_private_mounts() -> None:
    """Moves this process, which must have one thread only, to a mount namespace of its own.

    Raises OSError if it may not.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "Cannot make a mount namespace")
    run("mount", "--make-rprivate", "/")


def tool_path(name: str) -> str | None:
    # Not every root has the system programs on its path: plain su leaves them out.
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


def run(program: str, *arguments: str) -> None:
    subprocess.run([tool_path(program) or program, *arguments], check=True, capture_output=True)
