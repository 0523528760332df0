"""Signals to a running command, in a process of its own."""

import signal
import subprocess
import sys

import pytest

COMMAND = """
import asyncio, sys
from services.cli.interrupt import Interrupted, run_interruptible

async def command():
    print("running", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaning up", flush=True)
        if sys.argv[1] == "for ever":
            await asyncio.Event().wait()

try:
    run_interruptible(command())
except Interrupted as exc:
    print("ended", flush=True)
    sys.exit(exc.exit_status)
"""


def start(cleans_up: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", COMMAND, cleans_up], stdout=subprocess.PIPE, text=True)
    assert next_line(process) == "running"
    return process


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_lets_the_command_clean_up(number: signal.Signals) -> None:
    with start("quickly") as process:
        process.send_signal(number)

        assert next_line(process) == "cleaning up"
        assert next_line(process) == "ended"
        assert process.wait(20) == 128 + number


def test_the_second_signal_ends_the_command_at_once() -> None:
    with start("for ever") as process:
        process.send_signal(signal.SIGINT)
        assert next_line(process) == "cleaning up"

        process.send_signal(signal.SIGINT)

        assert process.wait(20) == 128 + signal.SIGINT
