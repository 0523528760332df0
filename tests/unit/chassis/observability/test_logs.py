"""Times at which log lines are written; none is lost."""

import asyncio
import io
import json
import subprocess
import sys

import pytest

from services.chassis.errors import LikenessError, Reason
from services.chassis.observability.logs import LineWriter

FAILING = """
import logging
import structlog
from services.chassis.observability.logs import setup_logs

setup_logs("tts", "info", "json")
for log in (structlog.get_logger(), logging.getLogger("library")):
    try:
        try:
            int("a secret script")
        except ValueError as error:
            raise KeyError("a secret word") from error
    except KeyError:
        log.exception("thing.failed")
"""


class CountingFile(io.StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def write(self, text: str, /) -> int:
        self.writes += 1
        return super().write(text)


async def log_info(writer: LineWriter, line: str) -> None:
    writer.info(line)


async def test_lines_of_one_turn_of_the_loop_are_written_together() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    await asyncio.gather(log_info(writer, "a"), log_info(writer, "b"))
    await asyncio.sleep(0)
    writer.info("c")
    await asyncio.sleep(0)
    assert file.getvalue() == "a\nb\nc\n"
    assert file.writes == 2


async def test_a_warning_is_written_at_once_and_in_order() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    writer.info("a")
    writer.warning("b")
    assert file.getvalue() == "a\nb\n"


async def test_a_thread_writes_at_once() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    await asyncio.to_thread(writer.info, "a")
    assert file.getvalue() == "a\n"


def test_lines_left_by_an_ended_loop_are_written_with_the_next_line() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    loop = asyncio.new_event_loop()
    loop.call_soon(writer.info, "a")
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    writer.info("b")
    assert file.getvalue() == "a\nb\n"
    asyncio.run(log_info(writer, "c"))
    writer.flush()
    assert file.getvalue() == "a\nb\nc\n"


def test_the_members_of_a_group_of_exceptions_are_logged() -> None:
    code = FAILING.replace(
        "int(", 'raise ExceptionGroup("secret", [ValueError()])\n            int('
    ).replace("except ValueError", "except ExceptionGroup")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "secret" not in done.stderr
    frames = json.loads(done.stderr.splitlines()[0])["exception"].split()
    assert {"ValueError", "ExceptionGroup", "KeyError"} <= {*frames}


def test_an_exception_is_logged_without_its_message() -> None:
    done = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(lines) == 2
    assert "secret" not in done.stderr
    for line in lines:
        frames = line["exception"].splitlines()
        assert [frames[1], frames[-1]] == ["ValueError", "KeyError"]


@pytest.mark.parametrize(
    ("reason", "logged"),
    [
        (Reason.INVALID_ARGUMENT, ""),
        (Reason.VOICE_UNKNOWN, ""),
        (Reason.INTERNAL, ""),
        (Reason.ENGINE_CRASHED, "It crashed."),
    ],
)
def test_a_message_that_may_quote_a_script_is_not_logged(reason: Reason, logged: str) -> None:
    assert LikenessError("It crashed.", reason=reason).loggable == logged
