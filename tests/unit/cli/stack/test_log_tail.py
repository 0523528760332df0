import asyncio
import json
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from services.cli.stack.log_tail import cause, log_tail, readable


class Settings(BaseModel):
    port: int


async def fail_in_a_group() -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fail_alone())


async def fail_alone() -> None:
    raise ValueError("no such bucket")


def fail_from_another() -> None:
    try:
        raise ConnectionError("refused")
    except ConnectionError as exc:
        raise RuntimeError("cannot reach NATS:\ngiven up") from exc


def traceback_of(function: Callable[[], object]) -> str:
    with pytest.raises((ValueError, RuntimeError, ExceptionGroup)) as failure:
        function()
    return "".join(traceback.format_exception(failure.value))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda: asyncio.run(fail_alone()), ["ValueError: no such bucket"]),
        (lambda: asyncio.run(fail_in_a_group()), ["ValueError: no such bucket"]),
        (fail_from_another, ["RuntimeError: cannot reach NATS:", "given up"]),
    ],
    ids=["alone", "in a group", "from another"],
)
def test_the_cause_is_the_end_of_a_traceback(function: Callable[[], object], expected: list[str]) -> None:
    assert [line.strip() for line in cause(traceback_of(function)).splitlines()] == expected


def test_a_cause_of_many_lines_begins_with_its_type() -> None:
    lines = cause(traceback_of(lambda: Settings.model_validate({}))).splitlines()

    assert lines[0].endswith("ValidationError: 1 validation error for Settings")
    assert lines[1].strip() == "port"


def test_an_exception_without_a_traceback_is_its_own_cause() -> None:
    assert cause("ValueError: no such bucket") == "ValueError: no such bucket"


def test_a_json_line_is_shown_as_its_event_fields_and_cause(tmp_path: Path) -> None:
    line = {
        "engine": "puppet",
        "exc_type": "ValueError",
        "event": "engine.failed",
        "service": "video",
        "level": "error",
        "timestamp": "2026-11-20T10:24:51.518864Z",
        "trace_id": "4295b5b0e6b37eba6e92082624310b96",
        "exception": traceback_of(lambda: asyncio.run(fail_alone())),
    }
    log = tmp_path / "video.log"
    log.write_text(f"plain words\n{json.dumps(line)}\n")

    assert log_tail(log).splitlines() == [
        "  plain words",
        "  error engine.failed engine=puppet exc_type=ValueError",
        "    ValueError: no such bucket",
        f"  (from {log})",
    ]


def test_a_very_long_field_is_cut_and_the_others_are_shown() -> None:
    line = readable(json.dumps({"long": "x" * 5000, "video_id": "video_1", "event": "stage.failed"}))

    assert line.startswith("stage.failed long=xxx")
    assert line.endswith("video_id=video_1")
    assert len(line) < 500


@pytest.mark.parametrize("line", ["not { json", '"a string"', "[1]", '{"no": "name"}'])
def test_a_line_that_is_no_json_log_event_is_shown_unchanged(line: str) -> None:
    assert readable(line) == line


def test_a_missing_log_is_named(tmp_path: Path) -> None:
    assert log_tail(tmp_path / "absent.log") == f"  (from {tmp_path / 'absent.log'})"
