"""Starting a detached stack, with a child in its place whose output and readiness the test decides."""

import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.cli.errors import AlreadyRunning, StackError
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.detached import start_detached, wait_until_ready
from services.cli.stack.state import Phase, StackState, mark, save_state

ECHO = """
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
    """A process that writes what the test tells it to, in the place of `likeness up`."""

    def __init__(self, folder: DataFolder, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self._folder = folder
        self.process = process
        self.output = output

    def write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def save_phase(self, phase: Phase) -> None:
        own = mark(self.process.pid)
        assert own is not None
        save_state(self._folder.state, StackState(own, phase, False, "", "", "", "", "", "", 1.0))


@contextmanager
def echoing_child(folder: DataFolder) -> Generator[Child]:
    output = folder.logs / "up.out"
    with output.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", ECHO], stdin=subprocess.PIPE, stderr=out)
    with process:
        yield Child(folder, process, output)


class LineCollector:
    """Keeps the printed lines, and runs the next action after each of them."""

    def __init__(self, *actions: Callable[[], None]) -> None:
        self.lines: list[str] = []
        self._next = iter(actions)

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        next(self._next, lambda: None)()


def test_the_output_of_the_child_is_printed_while_it_starts(folder: DataFolder) -> None:
    with echoing_child(folder) as child:
        child.save_phase("starting")
        child.write("likeness: starting PostgreSQL\n")
        collector = LineCollector(
            lambda: child.write("likeness: starting the gateway\n"), lambda: child.save_phase("ready")
        )

        wait_until_ready(folder, child.process, child.output, collector)

        assert collector.lines == ["likeness: starting PostgreSQL", "likeness: starting the gateway"]


def test_a_line_is_printed_once_it_is_complete(folder: DataFolder) -> None:
    with echoing_child(folder) as child:
        collector = LineCollector(lambda: child.save_phase("ready"))
        child.write("likeness: ")
        later = threading.Timer(0.4, child.write, ["tts ended; häh\n"])
        later.start()

        wait_until_ready(folder, child.process, child.output, collector)

        assert collector.lines == ["likeness: tts ended; häh"]


def test_the_whole_error_of_a_child_that_ends_is_raised(folder: DataFolder) -> None:
    collector = LineCollector()
    with echoing_child(folder) as child:
        child.write("likeness: starting\nerror: initdb failed:\ninitdb: error: no space left\n")
        child.process.communicate()

        with pytest.raises(StackError) as failure:
            wait_until_ready(folder, child.process, child.output, collector)

    assert failure.value.message == "initdb failed:\ninitdb: error: no space left"
    assert collector.lines == ["likeness: starting"]


def test_a_child_that_ends_without_an_error_is_reported_with_its_output_file(
    folder: DataFolder,
) -> None:
    with echoing_child(folder) as child:
        child.process.kill()
        child.process.wait()

        with pytest.raises(StackError, match=r"status -9 before it was ready\. See .*up\.out"):
            wait_until_ready(folder, child.process, child.output, print)


def test_the_output_of_a_running_stack_is_not_overwritten(folder: DataFolder) -> None:
    (folder.logs / "up.out").write_text("what the running stack has said")

    with folder.lock(), pytest.raises(AlreadyRunning):
        start_detached(folder, [], print)

    assert (folder.logs / "up.out").read_text() == "what the running stack has said"
