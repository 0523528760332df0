"""A child that plays `likeness up`: it says what the test wants, and is ready when the test wants."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.cli.errors import AlreadyRunning, StackError
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.detached import start_detached, wait_until_ready
from services.cli.stack.state import Phase, StackState, mark, save_state

SPEAKS = """
import sys
for line in sys.stdin:
    print(line, end="", file=sys.stderr, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.create()
    return folder


class Child:
    def __init__(self, folder: DataFolder, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self._folder = folder
        self.process = process
        self.output = output

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def be(self, phase: Phase) -> None:
        own = mark(self.process.pid)
        assert own is not None
        save_state(self._folder.state, StackState(own, phase, False, "", "", "", "", "", "", 1.0))


@contextmanager
def speaking_child(folder: DataFolder) -> Iterator[Child]:
    output = folder.logs / "up.out"
    with output.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", SPEAKS], stdin=subprocess.PIPE, stderr=out)
    with process:
        yield Child(folder, process, output)


class Listener:
    """Does the next thing as soon as it is told something."""

    def __init__(self, *next_things: Callable[[], None]) -> None:
        self.told: list[str] = []
        self._next = iter(next_things)

    def __call__(self, line: str) -> None:
        self.told.append(line)
        next(self._next, lambda: None)()


def test_what_the_child_says_is_told_while_it_starts(folder: DataFolder) -> None:
    with speaking_child(folder) as child:
        child.be("starting")
        child.say("likeness: starting PostgreSQL\n")
        listener = Listener(lambda: child.say("likeness: starting the gateway\n"), lambda: child.be("ready"))

        wait_until_ready(folder, child.process, child.output, listener)

        assert listener.told == ["likeness: starting PostgreSQL", "likeness: starting the gateway"]


def test_a_line_is_told_once_it_is_whole(folder: DataFolder) -> None:
    with speaking_child(folder) as child:
        listener = Listener(lambda: child.be("ready"))
        child.say("likeness: ")
        later = threading.Timer(0.4, child.say, ["tts ended; häh\n"])
        later.start()

        wait_until_ready(folder, child.process, child.output, listener)

        assert listener.told == ["likeness: tts ended; häh"]


def test_the_error_of_a_child_that_ends_is_raised_whole(folder: DataFolder) -> None:
    listener = Listener()
    with speaking_child(folder) as child:
        child.say("likeness: starting\nerror: initdb failed:\ninitdb: error: no space left\n")
        child.process.communicate()

        with pytest.raises(StackError) as failure:
            wait_until_ready(folder, child.process, child.output, listener)

    assert failure.value.message == "initdb failed:\ninitdb: error: no space left"
    assert listener.told == ["likeness: starting"]


def test_a_child_that_ends_without_an_error_is_told_with_its_output(folder: DataFolder) -> None:
    with speaking_child(folder) as child:
        child.process.kill()
        child.process.wait()

        with pytest.raises(StackError, match=r"status -9 before it was ready\. See .*up\.out"):
            wait_until_ready(folder, child.process, child.output, print)


def test_a_running_stack_keeps_its_output(folder: DataFolder) -> None:
    (folder.logs / "up.out").write_text("what the running stack has said")

    with folder.lock(), pytest.raises(AlreadyRunning):
        start_detached(folder, [], print)

    assert (folder.logs / "up.out").read_text() == "what the running stack has said"
