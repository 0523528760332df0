"""Starts a stack that runs on by itself: `likeness up` in a session of its own."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from services.cli.errors import StackError
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.local_stack import CODE
from services.cli.stack.state import running_state

POLL_SECONDS = 0.03
ERROR_PREFIX = "error: "
"""The start of the last text that a failing command prints."""

PrintLine = Callable[[str], None]


def start_detached(folder: DataFolder, options: Sequence[str], print_line: PrintLine) -> None:
    """Starts a stack and returns once it is ready; until then prints each line of its output.

    If interrupted, ends the stack.

    Raises AlreadyRunning if the folder is in use, StackError with the stack's own error if it ends instead.
    """
    folder.create()
    output = folder.logs / "up.out"
    with folder.lock():
        # The lock is held: a stack that runs would still write to this file.
        output.write_bytes(b"")
    child = spawn(["up", *options], output)
    try:
        wait_until_ready(folder, child, output, print_line)
    except BaseException:
        child.terminate()
        child.wait()
        raise


def spawn(arguments: Sequence[str], output: Path) -> "subprocess.Popen[bytes]":
    """Starts a command of this command line in a session of its own, with its output in a file."""
    argv = [sys.executable, "-m", "services.cli", *arguments]
    with output.open("ab") as out:
        return subprocess.Popen(
            argv, cwd=CODE, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )


def wait_until_ready(
    folder: DataFolder, child: "subprocess.Popen[bytes]", output: Path, print_line: PrintLine
) -> None:
    """Waits until the child's stack is ready. Raises StackError with the child's error if it ends instead."""
    with output.open("rb") as file:
        child_output = ChildOutput(file)
        while True:
            ended = child.poll() is not None
            lines = child_output.new_lines()
            # Checked after the lines were read: the lines of a ready stack are not repeated here.
            if is_ready(folder, child.pid):
                return
            for line in lines:
                print_line(line)
            if ended:
                raise StackError(child_output.error or f"{ending(child.returncode)} See {output}.")
            time.sleep(POLL_SECONDS)


def ending(status: int) -> str:
    return f"The stack ended with status {status} before it was ready."


def is_ready(folder: DataFolder, pid: int) -> bool:
    state = running_state(folder.state)
    return state is not None and state.supervisor.pid == pid and state.phase == "ready"


class ChildOutput:
    """Reads the output of a child line by line as it comes. Its error is kept apart, to be raised."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unfinished = b""
        self._error: list[str] = []

    @property
    def error(self) -> str:
        """The whole error without its prefix; empty if there is none."""
        return "\n".join(self._error).removeprefix(ERROR_PREFIX)

    def new_lines(self) -> list[str]:
        """Returns the complete lines since the last call, without those of the error."""
        *whole, self._unfinished = (self._unfinished + self._file.read()).split(b"\n")
        lines: list[str] = []
        for line in (each.decode(errors="replace") for each in whole):
            # The error comes last, and can have many lines.
            (self._error if self._error or line.startswith(ERROR_PREFIX) else lines).append(line)
        return lines
