"""Runs a child process of the stack with its log. The child never outlives this process."""

import asyncio
import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.cli.errors import StackError
from services.cli.stack.log_tail import log_tail

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, environment and log."""

    argv: Sequence[str | Path]
    environment: Mapping[str, str]
    log: Path
    folder: Path = Path("/")
    """Its working directory."""
    user: str | None = None
    """Account that it runs as. Needs root."""
    death_signal: signal.Signals = signal.SIGKILL
    """Signal that the kernel sends it if this process dies without stopping it."""


class ChildProcess:
    """A child in a session of its own: Ctrl-C reaches only its parent, which stops it in order."""

    def __init__(self, name: str, command: Command) -> None:
        self.name = name
        self._command = command
        self.process: asyncio.subprocess.Process | None = None
        self._session_killed = True

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Starts the program and returns once it runs. Raises StackError if it cannot be executed."""
        command = self._command
        with command.log.open("ab") as log:
            try:
                self.process = await asyncio.create_subprocess_exec(
                    *map(str, command.argv),
                    env=dict(command.environment),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    cwd=command.folder,
                    umask=0o077,  # its files and sockets are for its own user
                    **as_user(command.user),
                    preexec_fn=die_with_parent(command.death_signal),
                )
            except (OSError, subprocess.SubprocessError) as exc:
                raise StackError(f"{self.name} cannot be started: {exc}. Run `likeness doctor`.") from exc
        self._session_killed = False

    async def wait(self) -> int:
        """Returns the exit status, negative for the signal that ended it. Kills the rest of its session."""
        if self.process is None:
            raise StackError(f"{self.name} has not been started")
        status = await self.process.wait()
        self._kill_session()
        return status

    async def stop(self, steps: Sequence[tuple[signal.Signals, float]]) -> None:
        """Sends each signal and waits its number of seconds for the end; kills the child after the last step.

        Does nothing if the child does not run.
        """
        if self.process is None:
            return
        for number, seconds in steps:
            if not self.running:
                break
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), seconds)
        self._kill_session()
        await self.process.wait()

    def _kill_session(self) -> None:
        # Once for each process: later, its id may be another process's.
        if self.process is not None and not self._session_killed:
            self._session_killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def log_tail(self) -> str:
        """Returns the last lines that it wrote, for an error message."""
        return log_tail(self._command.log)


async def until_ready(
    child: ChildProcess, probe: Callable[[], Awaitable[str | None]], timeout_seconds: float
) -> None:
    """Calls the probe, which returns what is still missing, until it returns `None`.

    Raises StackError with the log's tail if the child ends or takes too long; then it no longer runs.
    """
    try:
        await _poll(child, probe, timeout_seconds)
    except BaseException:
        await child.stop(())
        raise


async def _poll(
    child: ChildProcess, probe: Callable[[], Awaitable[str | None]], timeout_seconds: float
) -> None:
    deadline = asyncio.get_running_loop().time() + timeout_seconds
    while (missing := await probe()) is not None:
        if not child.running:
            status = await child.wait()
            raise StackError(f"{child.name} ended at once with status {status}:\n{child.log_tail()}")
        if asyncio.get_running_loop().time() > deadline:
            raise StackError(
                f"{child.name} was not ready after {timeout_seconds:g} s: {missing}\n{child.log_tail()}"
            )
        await asyncio.sleep(POLL_SECONDS)


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Returns a function to run in the child between fork and exec. It makes the kernel send the signal when
    this process dies. Returns `None` if this is not Linux, which alone can do so."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def as_user(user: str | None) -> dict[str, Any]:
    """Returns the arguments of a subprocess call that run the child as the account, with its rights only."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
