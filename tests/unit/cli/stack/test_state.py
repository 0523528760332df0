import dataclasses
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.errors import AlreadyRunning
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.leftovers import clear_leftovers
from services.cli.stack.state import (
    PartState,
    ProcessMark,
    StackState,
    load_state,
    mark,
    running_state,
    save_state,
)


def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])


def mark_of(pid: int) -> ProcessMark:
    found = mark(pid)
    assert found is not None
    return found


def state(supervisor: ProcessMark, *parts: PartState) -> StackState:
    return StackState(
        supervisor, "ready", False, "http://u", "http://s", "n:1", "postgresql://", "/d", "", 1.0, list(parts)
    )


def test_a_process_is_alive_only_with_its_own_start_time() -> None:
    own = mark_of(os.getpid())

    assert own.is_alive()
    assert not ProcessMark(own.pid, own.born - 60).is_alive()


def test_an_ended_process_is_not_alive() -> None:
    process = sleeper()
    found = mark_of(process.pid)
    process.kill()
    process.wait()

    assert not found.is_alive()
    assert mark(process.pid) is None


def test_the_saved_state_is_loaded_again_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    own = mark_of(os.getpid())
    part = PartState("tts", own, 2.0, 3, {"tts_http": 1})
    saved = state(own, part, dataclasses.replace(part, process=None, started_at=None))
    save_state(tmp_path / "stack.json", saved)

    assert load_state(tmp_path / "stack.json") == saved
    assert running_state(tmp_path / "stack.json") == saved
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600


def test_a_state_with_a_dead_supervisor_is_no_running_stack(tmp_path: Path) -> None:
    own = mark_of(os.getpid())
    save_state(tmp_path / "stack.json", state(ProcessMark(own.pid, own.born - 60)))

    assert running_state(tmp_path / "stack.json") is None
    assert running_state(tmp_path / "absent.json") is None


def test_a_data_folder_is_locked_by_one_stack_at_a_time(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()

    with folder.lock(), pytest.raises(AlreadyRunning, match="likeness status"), folder.lock():
        pytest.fail("both have the lock")
    with folder.lock():
        assert folder.root.exists()


async def test_leftover_processes_are_ended_but_not_one_that_got_a_reused_process_id(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    ours, stranger = sleeper(), sleeper()
    left = mark_of(ours.pid)
    reused = dataclasses.replace(mark_of(stranger.pid), born=left.born - 60)
    parts = [PartState(name, process, 1.0, 0, {}) for name, process in (("tts", left), ("mux", reused))]
    save_state(folder.state, state(ProcessMark(2**22, 0.0), *parts))
    reports: list[str] = []
    try:
        await clear_leftovers(folder, reports.append)

        assert not left.is_alive()
        assert stranger.poll() is None
        assert reports == ["the last stack was killed; ending 1 of its processes"]
        assert not folder.state.exists()
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()
