import os
from typing import Any

import pytest

from services.cli.commands import status
from services.cli.commands.table import show
from services.cli.stack.report import Memory, PartReport, StackReport
from services.cli.stack.state import StackState, mark

LONG = "a-name-[bold]-that-is-longer-than-any-terminal-is-wide-" * 3


@pytest.fixture(autouse=True)
def narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


def test_a_table_is_not_cut_to_the_width_of_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show([], ["id", "name"], [[LONG, "A Name Of Several Words"]], as_json=False)

    assert capsys.readouterr().out.splitlines()[1].rstrip() == f"{LONG}  A Name Of Several Words"


def test_the_status_shows_each_process_and_job_on_one_uncut_line(capsys: pytest.CaptureFixture[str]) -> None:
    own = mark(os.getpid())
    assert own is not None
    state = StackState(own, "ready", False, "http://127.0.0.1:8000", "", "", "", LONG, "", 1.0)
    part = PartReport("gateway", 1, 1.0, 0, Memory(1, 1), {"gateway_http": 8000}, f"not ready: {LONG}")

    wait = {"code": "no_worker", "message": f"mux: {LONG}"}
    jobs: list[dict[str, Any]] = [
        {"id": f"audio_{n}", "progress": 40, "status": "queued", "explanation": wait} for n in range(12)
    ]

    status.show(StackReport(state, LONG, [part], [], jobs))

    first, key, _, gateway, *_, last, more = capsys.readouterr().out.splitlines()
    assert first == f"http://127.0.0.1:8000  ready  data in {LONG}"
    assert key == f"API key {LONG}"
    assert gateway.split()[0] == "gateway"
    assert gateway.rstrip().endswith(f"not ready: {LONG}")
    assert (last, more) == (f"audio_9 40%  mux: {LONG}", "and 2 more jobs")
