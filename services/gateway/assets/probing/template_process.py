"""The process that forks, as the gateway sees it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from services.chassis.aio import in_thread
from services.gateway.assets.probing.answer import MAX_BYTES
from services.gateway.assets.probing.task import Task

END_SECONDS = 5.0
FULL_SECONDS = 0.02
"""Interval at which a task is sent again while the socket is full."""
_KEPT_VARIABLES = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Holds the answer of a process; an empty line if it has ended without, and then how in `ended_by`."""

    line: bytes
    ended_by: str = ""


class TemplateLost(Exception):
    """Raised if the process that forks has ended."""


class TemplateProcess:
    """Starts the process that forks when it is first needed, and again when it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Starts the process, if it does not run. It is ready some tenths of a second later; tasks that are
        sent before wait for it."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        control.setblocking(False)
        with theirs:
            # Without the gateway's settings: what is forked needs none of its keys and passwords.
            environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.gateway.assets.probing.template", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=environment | {"OPENBLAS_NUM_THREADS": "1"},
            )
        self._control = control
        log.info("probes.started", pid=self._process.pid)

    async def run(self, task: Task, seconds: float) -> Outcome:
        """Runs a task in a process of its own. Kills it when it has not answered within `seconds`, or this is
        cancelled.

        Raises `TemplateLost` if the process that forks ends before it has said how the task has ended.
        """
        self.start()
        process = self._process
        try:
            return await self._run(task, seconds)
        except TemplateLost:
            if self._process is process:  # another task may have started a new one already
                await in_thread(self._let_go())
            raise

    async def _run(self, task: Task, seconds: float) -> Outcome:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours:
            try:
                async with asyncio.timeout(seconds):
                    with theirs:
                        await self._send(task, theirs)
                    return await self._outcome(ours)
            except TimeoutError:
                return Outcome(b"", "timeout")

    def close(self) -> None:
        """Ends the process, and all that it has forked."""
        self._let_go()()

    def _let_go(self) -> Callable[[], None]:
        """Closes the socket, upon which the process ends. Returns what waits for its end."""
        process, self._process = self._process, None
        if self._control is not None:
            self._control.close()
            self._control = None
        return partial(_wait_for_end, process) if process is not None else lambda: None

    async def _send(self, task: Task, answer: socket.socket) -> None:
        control = self._control
        assert control is not None
        while True:
            try:
                socket.send_fds(control, [task.encoded()], [answer.fileno()])
                return
            except BlockingIOError:
                await asyncio.sleep(FULL_SECONDS)
            except OSError as exc:
                raise TemplateLost from exc

    async def _outcome(self, answer: socket.socket) -> Outcome:
        """Reads the first line: that of the process, or how it has ended without one."""
        loop = asyncio.get_running_loop()
        received = b""
        while b"\n" not in received and len(received) <= MAX_BYTES:
            block = await loop.sock_recv(answer, MAX_BYTES)
            if not block:
                raise TemplateLost
            received += block
        line, _, _ = received.partition(b"\n")
        if line.startswith(b"{"):
            return Outcome(line)
        return Outcome(b"", _name_of(line))


def _wait_for_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _name_of(exit_code: bytes) -> str:
    """Returns what the process that forks says of the end of another."""
    try:
        number = int(exit_code)
        return signal.Signals(-number).name if number < 0 else f"exit code {number}"
    except ValueError:
        return "unknown"
