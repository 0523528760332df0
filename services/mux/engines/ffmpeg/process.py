"""Runs ffmpeg as a child process that never outlives this one."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import IO

PR_SET_PDEATHSIG = 1
STDERR_TAIL = 2000


class FfmpegFailed(RuntimeError):
    """An error of ffmpeg that its inputs do not explain: for operators, not for users."""


class Ffmpeg:
    def __init__(self, executable: str) -> None:
        self._executable = executable

    def run(self, arguments: list[str], seconds: float) -> Generator[float, None, str]:
        """Yields the fractions done of an output `seconds` long, then returns ffmpeg's log.

        Closing the generator kills ffmpeg. Raises `FfmpegFailed` with the tail of the log.
        """
        command = [
            self._executable,
            "-y",
            "-nostdin",
            "-hide_banner",
            "-nostats",
            "-progress",
            "pipe:1",
            *arguments,
        ]
        with tempfile.TemporaryFile("w+", errors="replace") as log:
            with _running(command, log) as process:
                assert process.stdout is not None
                yield from fractions(process.stdout, seconds)
                code = process.wait()
            log.seek(0)
            text = log.read()
        if code != 0:
            raise FfmpegFailed(f"ffmpeg ended with status {code}: {text[-STDERR_TAIL:].strip()}")
        return text


def fractions(lines: Iterable[str], seconds: float) -> Iterator[float]:
    """Reads ffmpeg's `-progress` lines as fractions from 0 to 1."""
    for line in lines:
        key, _, value = line.strip().partition("=")
        if key == "out_time_us" and value.lstrip("-").isdigit():
            yield min(max(int(value) / 1e6 / seconds, 0.0), 1.0)


@contextmanager
def _running(command: list[str], log: IO[str]) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        errors="replace",
        preexec_fn=_die_with_parent(),
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _die_with_parent() -> Callable[[], None] | None:
    """Returns a function for the forked child: the kernel then kills it when the thread that forked it ends.

    The engine process may be killed with SIGKILL, which leaves it no chance to end its children. The
    thread that starts a request therefore has to live until the request is done.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie_to_parent() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return tie_to_parent
