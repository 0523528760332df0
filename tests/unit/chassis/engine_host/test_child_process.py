"""A child process beside threads that open files, as the object store's do."""

import os
import sys
import threading
from pathlib import Path

import pytest
import uvloop

from services.chassis.engine_host.child_process import ChildProcess

CHILDREN = 40
SPEAKS = [sys.executable, "-S", "-c", "import sys; print('so', file=sys.stderr); sys.exit(3)"]


async def start() -> ChildProcess:
    return await ChildProcess.start(SPEAKS, pass_fds=(), environment={})


async def start_many() -> list[ChildProcess]:
    """Each has ended."""
    children: list[ChildProcess] = []
    for _ in range(CHILDREN):
        children.append(await start())
        await children[-1].stderr.read()
        await children[-1].wait()
    return children


class Opener:
    """Opens a file again and again, and finds out if somebody else closes it."""

    def __init__(self) -> None:
        self.errors: list[OSError] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Opener":
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


def test_what_it_says_and_how_it_ends_is_known():
    async def follow() -> tuple[bytes, int | None]:
        child = await start()
        said = await child.stderr.read()
        await child.wait()
        return said, child.returncode

    assert uvloop.run(follow()) == (b"so\n", 3)


def test_no_file_of_others_is_closed_with_it():
    with Opener() as one, Opener() as other:
        uvloop.run(start_many())
    assert one.errors + other.errors == []


def test_nothing_of_it_stays_open_although_it_is_remembered():
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    async def count() -> tuple[int, int]:
        ended = await start_many()
        before = descriptors()
        ended += await start_many()
        return before, descriptors()

    before, after = uvloop.run(count())
    assert after <= before + 1  # the last one may be about to close


def test_a_program_that_there_is_not_is_an_error():
    async def start_nothing() -> None:
        await ChildProcess.start(["/nowhere/program"], pass_fds=(), environment={})

    with pytest.raises(FileNotFoundError):
        uvloop.run(start_nothing())
