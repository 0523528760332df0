"""A child process beside threads that open files, as the object store's threads do."""

import os
import sys
import threading
from pathlib import Path

import pytest
import uvloop

from services.chassis.engine_host.child_process import ChildProcess

CHILDREN = 40
WRITES_TO_STDERR = [sys.executable, "-S", "-c", "import sys; print('so', file=sys.stderr); sys.exit(3)"]


async def start() -> ChildProcess:
    return await ChildProcess.start(WRITES_TO_STDERR, pass_fds=(), environment={})


async def start_many() -> list[ChildProcess]:
    """Starts children one after the other and waits for the end of each."""
    children: list[ChildProcess] = []
    for _ in range(CHILDREN):
        children.append(await start())
        await children[-1].stderr.read()
        await children[-1].wait()
    return children


class FileOpener:
    """Opens a file repeatedly in a thread, and notes if its descriptor is closed from outside."""

    def __init__(self) -> None:
        self.errors: list[OSError] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "FileOpener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                descriptor = os.open(os.devnull, os.O_RDONLY)
                os.fstat(descriptor)
                os.close(descriptor)
            except OSError as error:
                self.errors.append(error)


def test_stderr_and_the_exit_code_are_known():
    async def follow() -> tuple[bytes, int | None]:
        child = await start()
        said = await child.stderr.read()
        await child.wait()
        return said, child.returncode

    assert uvloop.run(follow()) == (b"so\n", 3)


def test_no_other_file_is_closed_with_it():
    with FileOpener() as one, FileOpener() as other:
        uvloop.run(start_many())
    assert one.errors + other.errors == []


def test_no_descriptor_of_an_ended_child_stays_open():
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    async def count() -> tuple[int, int]:
        ended = await start_many()
        before = descriptors()
        ended += await start_many()
        return before, descriptors()

    before, after = uvloop.run(count())
    assert after <= before + 1  # the last one may be about to close


def test_a_missing_program_raises():
    async def start_nothing() -> None:
        await ChildProcess.start(["/nowhere/program"], pass_fds=(), environment={})

    with pytest.raises(FileNotFoundError):
        uvloop.run(start_nothing())
