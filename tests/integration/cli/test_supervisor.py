"""Trivial children, killed and counted."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from services.cli.errors import StackError
from services.cli.stack.backoff import Restart
from services.cli.stack.process import ChildProcess, Command, until_ready
from services.cli.stack.service import ServiceProcess
from services.cli.stack.supervisor import Supervisor

WAITS = "import signal; signal.pause()"
IGNORES_SIGTERM = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
HAS_A_CHILD = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
    "print('up', flush=True); import signal; signal.pause()"
)


def command(code: str, log: Path) -> Command:
    return Command([sys.executable, "-c", code], os.environ, log)


class Watcher:
    """Lets a test wait until the supervisor has told that something holds."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.delays: list[float] = []
        self.supervisor = Supervisor(self.said.append, self._changed, self._plan)
        self._change = asyncio.Event()

    def _changed(self) -> None:
        self._change.set()

    def _plan(self, failures: int, _ran: float) -> Restart:
        return Restart(failures + 1, 0.0)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                self._change.clear()
                await self._change.wait()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "child.log"


async def test_a_killed_child_is_reported_and_started_again(log: Path) -> None:
    watcher = Watcher()
    part = ServiceProcess("tts", command(WAITS, log), {"tts_http": 1})
    await watcher.supervisor.start(part)
    first = part.child.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await watcher.until(lambda: watcher.supervisor.states()[0].restarts == 1)

    (state,) = watcher.supervisor.states()
    assert state.process is not None
    assert state.process.is_alive()
    assert state.process.pid != first
    assert watcher.said == ["tts was ended by signal 9; starting it again in 0 s"]
    await watcher.supervisor.stop([part])
    assert not psutil.pid_exists(state.process.pid)


async def test_a_child_that_keeps_dying_is_counted_until_it_is_stopped(log: Path) -> None:
    watcher = Watcher()
    part = ServiceProcess("tts", command("raise SystemExit(3)", log), {})
    await watcher.supervisor.start(part)

    await watcher.until(lambda: watcher.supervisor.failures("tts") >= 3)
    await watcher.supervisor.stop([part])

    assert "tts ended with status 3; starting it again in 0 s" in watcher.said
    assert watcher.supervisor.states() == []
    assert not part.child.running


async def test_a_stop_is_not_taken_for_a_death(log: Path) -> None:
    watcher = Watcher()
    part = ServiceProcess("tts", command(WAITS, log), {})
    await watcher.supervisor.start(part)

    await watcher.supervisor.stop([part])

    assert watcher.said == []


async def test_a_child_that_ignores_its_signal_is_killed(log: Path) -> None:
    child = ChildProcess("stubborn", command(IGNORES_SIGTERM, log))
    await child.start()
    await until_ready(child, says_up(log), 20)

    await child.stop([(signal.SIGTERM, 0.1)])

    assert await child.wait() == -signal.SIGKILL


async def test_what_a_dead_child_leaves_behind_is_killed(log: Path) -> None:
    child = ChildProcess("parent", command(HAS_A_CHILD, log))
    await child.start()
    await until_ready(child, says_up(log), 20)
    assert child.pid is not None
    (grandchild,) = psutil.Process(child.pid).children()

    os.kill(child.pid, signal.SIGKILL)
    await child.wait()

    _, alive = psutil.wait_procs([grandchild], timeout=10)
    assert alive == []


async def test_a_child_that_ends_before_it_is_ready_shows_its_log(log: Path) -> None:
    child = ChildProcess("broken", command("raise SystemExit('no such table')", log))
    await child.start()

    with pytest.raises(StackError, match=r"(?s)broken ended at once with status 1.*no such table"):
        await until_ready(child, never_ready, 20)


async def test_the_cause_of_a_logged_exception_is_shown_however_deep_it_was(log: Path) -> None:
    line = {"exception": "Traceback\n" + '  File "a.py"\n    call()\n' * 99 + "OSError: disk full"}
    code = f"import sys; sys.exit({json.dumps({**line, 'event': 'service.failed'})!r})"
    child = ChildProcess("broken", command(code, log))
    await child.start()

    with pytest.raises(StackError, match=r"(?s)service\.failed.*OSError: disk full"):
        await until_ready(child, never_ready, 20)


async def test_a_child_that_never_gets_ready_is_told_and_ended(log: Path) -> None:
    child = ChildProcess("slow", command(WAITS, log))
    await child.start()

    with pytest.raises(StackError, match=r"slow was not ready after 0\.1 s: still loading"):
        await until_ready(child, never_ready, 0.1)
    assert not child.running


async def test_a_program_that_is_not_there_is_told(log: Path) -> None:
    child = ChildProcess("absent", Command(["/no/such/program"], os.environ, log))

    with pytest.raises(StackError, match=r"absent cannot be started.*likeness doctor"):
        await child.start()


async def never_ready() -> str | None:
    return "still loading"


def says_up(log: Path) -> Callable[[], Awaitable[str | None]]:
    async def missing() -> str | None:
        return None if "up" in await asyncio.to_thread(log.read_text) else "it has said nothing"

    return missing
