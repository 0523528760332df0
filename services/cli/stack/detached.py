"""A stack that runs on by itself: `likeness up` in a session of its own."""

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

POLL_SECONDS = 0.1
ERROR = "error: "
"""What the command line begins its last words with."""

Tell = Callable[[str], None]


def start_detached(folder: DataFolder, options: Sequence[str], tell: Tell) -> None:
    """Returns once the stack is ready; until then tells each line that it says. Interrupted, it ends it.

    Raises AlreadyRunning if the folder is in use, StackError with the stack's own error if it ends instead.
    """
    folder.create()
    output = folder.logs / "up.out"
    with folder.lock():
        # Of nobody else: a stack that runs still writes to its own.
        output.write_bytes(b"")
    child = spawn(["up", *options], output)
    try:
        wait_until_ready(folder, child, output, tell)
    except BaseException:
        child.terminate()
        child.wait()
        raise


def spawn(arguments: Sequence[str], output: Path) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "services.cli", *arguments]
    with output.open("ab") as out:
        return subprocess.Popen(
            argv, cwd=CODE, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )


def wait_until_ready(folder: DataFolder, child: "subprocess.Popen[bytes]", output: Path, tell: Tell) -> None:
    """Raises StackError with the child's own error if it ends instead."""
    with output.open("rb") as file:
        said = ChildOutput(file)
        while True:
            ended = child.poll() is not None
            lines = said.new_lines()
            # Asked after the lines were read: what a ready stack says is for a terminal of its own.
            if is_ready(folder, child.pid):
                return
            for line in lines:
                tell(line)
            if ended:
                raise StackError(said.error or f"{ending(child.returncode)} See {output}.")
            time.sleep(POLL_SECONDS)


def ending(status: int) -> str:
    return f"The stack ended with status {status} before it was ready."


def is_ready(folder: DataFolder, pid: int) -> bool:
    state = running_state(folder.state)
    return state is not None and state.supervisor.pid == pid and state.phase == "ready"


class ChildOutput:
    """What a child writes, line by line as it comes; its error is kept apart, to be raised."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unfinished = b""
        self._error: list[str] = []

    @property
    def error(self) -> str:
        """Whole, without the word; empty if it has said none."""
        return "\n".join(self._error).removeprefix(ERROR)

    def new_lines(self) -> list[str]:
        *whole, self._unfinished = (self._unfinished + self._file.read()).split(b"\n")
        told: list[str] = []
        for line in (each.decode(errors="replace") for each in whole):
            # The error is the last that it says, and can take many lines.
            (self._error if self._error or line.startswith(ERROR) else told).append(line)
        return told
