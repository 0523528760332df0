"""The supervisor and child processes, with trivial programs that are killed."""

import asyncio
import errno
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
from services.cli.stack.writes.watch import Disk

WAITS = "import signal; signal.pause()"
IGNORES_SIGTERM = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
HAS_A_CHILD = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
    "print('up', flush=True); import signal; signal.pause()"
)


def command(code: str, log: Path) -> Command:
    return Command([sys.executable, "-c", code], os.environ, log)


class SupervisorHarness:
    """A supervisor that restarts without delay. It keeps the reports, and a test can wait for its states."""

    def __init__(self) -> None:
        self.reports: list[str] = []
        self.delays: list[float] = []
        self.supervisor = Supervisor(self.reports.append, self._changed, self._plan, watch_seconds=0.0)
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
    harness = SupervisorHarness()
    part = ServiceProcess("tts", command(WAITS, log), {"tts_http": 1})
    await harness.supervisor.start(part)
    first = part.child.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await harness.until(lambda: harness.supervisor.states()[0].restarts == 1)

    (state,) = harness.supervisor.states()
    assert state.process is not None
    assert state.process.is_alive()
    assert state.process.pid != first
    assert harness.reports == ["tts was ended by signal 9; starting it again in 0 s"]
    await harness.supervisor.stop([part])
    assert not psutil.pid_exists(state.process.pid)


async def test_a_child_that_keeps_dying_is_counted_until_it_is_stopped(log: Path) -> None:
    harness = SupervisorHarness()
    part = ServiceProcess("tts", command("raise SystemExit(3)", log), {})
    await harness.supervisor.start(part)

    await harness.until(lambda: harness.supervisor.failures("tts") >= 3)
    await harness.supervisor.stop([part])

    assert "tts ended with status 3; starting it again in 0 s" in harness.reports
    assert harness.supervisor.states() == []
    assert not part.child.running


class SlowService(ServiceProcess):
    """A part that has started only once the test says so."""

    def __init__(self, name: str, command: Command) -> None:
        super().__init__(name, command, {})
        self.ready = asyncio.Event()

    async def start(self) -> None:
        await super().start()
        await self.ready.wait()


async def test_the_parts_have_the_same_order_whichever_starts_first(log: Path) -> None:
    harness = SupervisorHarness()
    parts = [SlowService(name, command(WAITS, log)) for name in ("postgres", "nats", "s3")]
    starts = [asyncio.create_task(harness.supervisor.start(part)) for part in parts]
    try:
        for part, start in zip(reversed(parts), reversed(starts), strict=True):
            part.ready.set()
            await start

        assert [state.name for state in harness.supervisor.states()] == ["postgres", "nats", "s3"]
    finally:
        await harness.supervisor.stop(parts)


async def test_a_stopped_part_is_not_restarted(log: Path) -> None:
    harness = SupervisorHarness()
    part = ServiceProcess("tts", command(WAITS, log), {})
    await harness.supervisor.start(part)

    await harness.supervisor.stop([part])

    assert harness.reports == []


async def test_a_child_that_ignores_sigterm_is_killed(log: Path) -> None:
    child = ChildProcess("stubborn", command(IGNORES_SIGTERM, log))
    await child.start()
    await until_ready(child, wait_for_up(log), 20)

    await child.stop([(signal.SIGTERM, 0.1)])

    assert await child.wait() == -signal.SIGKILL


async def test_processes_that_a_dead_child_leaves_are_killed(log: Path) -> None:
    child = ChildProcess("parent", command(HAS_A_CHILD, log))
    await child.start()
    await until_ready(child, wait_for_up(log), 20)
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


async def test_the_cause_of_a_logged_exception_is_shown_after_a_long_traceback(log: Path) -> None:
    line = {"exception": "Traceback\n" + '  File "a.py"\n    call()\n' * 99 + "OSError: disk full"}
    code = f"import sys; sys.exit({json.dumps({**line, 'event': 'service.failed'})!r})"
    child = ChildProcess("broken", command(code, log))
    await child.start()

    with pytest.raises(StackError, match=r"(?s)service\.failed.*OSError: disk full"):
        await until_ready(child, never_ready, 20)


async def test_a_child_that_never_gets_ready_is_reported_and_ended(log: Path) -> None:
    child = ChildProcess("slow", command(WAITS, log))
    await child.start()

    with pytest.raises(StackError, match=r"slow was not ready after 0\.1 s: still loading"):
        await until_ready(child, never_ready, 0.1)
    assert not child.running


async def test_a_missing_program_is_reported(log: Path) -> None:
    child = ChildProcess("absent", Command(["/no/such/program"], os.environ, log))

    with pytest.raises(StackError, match=r"absent cannot be started.*likeness doctor"):
        await child.start()


async def never_ready() -> str | None:
    return "still loading"


def wait_for_up(log: Path) -> Callable[[], Awaitable[str | None]]:
    async def missing() -> str | None:
        return None if "up" in await asyncio.to_thread(log.read_text) else "no output yet"

    return missing


class ScriptedDisk(Disk):
    """A disk that is full the first times that it is looked at."""

    def __init__(self, *, full_looks: int = 0) -> None:
        self._looks = full_looks

    def has_room(self) -> bool:
        self._looks -= 1
        return self._looks < 0

    def is_full(self) -> bool:
        return True


async def taken() -> str | None:
    return None


async def refused() -> str | None:
    return "the stream does not confirm a message"


async def test_a_server_that_takes_no_writes_is_started_again(log: Path) -> None:
    harness = SupervisorHarness()
    part = ServiceProcess("nats", command(WAITS, log), {})
    await harness.supervisor.start(part, ScriptedDisk(), refused)

    await harness.until(lambda: harness.supervisor.states()[0].restarts == 1)
    await harness.supervisor.stop([part])

    assert harness.reports[0] == (
        "nats takes no writes although its disk has room (the stream does not confirm a message); "
        "starting it again in 0 s"
    )


@pytest.mark.parametrize("looks", [1, 5])
async def test_a_server_that_has_met_a_full_disk_is_started_again_when_there_is_room(
    log: Path, looks: int
) -> None:
    harness = SupervisorHarness()
    part = ServiceProcess("s3", command(WAITS, log), {})
    await harness.supervisor.start(part, ScriptedDisk(full_looks=looks), taken)

    await harness.until(lambda: harness.supervisor.states()[0].restarts == 1)
    await harness.supervisor.stop([part])

    assert harness.reports == ["s3 has met a full disk, which has room again; starting it again in 0 s"]


async def test_a_report_that_cannot_be_written_does_not_stop_the_supervisor(log: Path) -> None:
    def report(_line: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    restarted = asyncio.Event()
    part = ServiceProcess("tts", command(WAITS, log), {})
    supervisor = Supervisor(
        report,
        lambda: restarted.set() if any(state.restarts for state in supervisor.states()) else None,
        lambda failures, _ran: Restart(failures + 1, 0.0),
    )
    await supervisor.start(part)
    assert part.child.pid is not None

    os.kill(part.child.pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        await restarted.wait()
    await supervisor.stop([part])
