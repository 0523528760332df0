"""Runs a stage as its instructions say, and writes a record that outlives the process."""

import ctypes
import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.engine_api.spec import EngineLimits, Progress
from services.chassis.errors import Reason, error_of
from tests.chaos.engines.instructions import CRASHES, HANG, MEMORY, Behaviour, Instructions

STEP_SECONDS = 0.25
MUCH_MEMORY = 256 << 20
FOR_EVER = 3600.0


def run_scripted(instructions: Instructions, service: str) -> Iterator[Progress]:
    """Yields progress and ends as the instructions say. Records if the worker has ended meanwhile.

    The lifeline's SIGKILL comes before the kernel gives this process another parent.
    """
    behaviour = instructions.behaviours.get(service, Behaviour())
    worker = os.getppid()
    with recorded_run(instructions.stage(service)):
        faulty = behaviour.runs > 0 and count_run(instructions.stage(service)) <= behaviour.runs
        steps = max(2, round(behaviour.seconds / STEP_SECONDS))
        for step in range(steps):
            if faulty and step == steps // 2:
                cause_fault(behaviour.fault)
            time.sleep(behaviour.seconds / steps)
            if os.getppid() != worker:
                note("outlived", instructions.stage(service))
            yield Progress((step + 1) / steps)


def cause_fault(fault: str) -> None:
    """Causes the fault. Returns only from a hang that was not ended."""
    if fault == HANG:
        time.sleep(FOR_EVER)
    elif fault == MEMORY:
        len(bytearray(os.urandom(1) * MUCH_MEMORY))
        raise MemoryError
    elif fault == CRASHES[0]:
        os._exit(3)
    elif fault == CRASHES[1]:
        ctypes.string_at(0)
    else:
        raise error_of(Reason(fault), "It was ordered so.")


@contextmanager
def recorded_run(stage: str) -> Generator[None]:
    """Records when this run begins and ends; a killed run has no end."""
    note("start", stage)
    try:
        yield
    finally:
        note("end", stage)


def note(what: str, stage: str) -> None:
    """Appends a line in one write, so that lines of many processes do not mix."""
    line = f"{time.monotonic():.3f} {what} {stage} {os.environ['CHAOS_WORKER']} {os.getpid()}\n"
    with runs_folder().joinpath("runs.log").open("ab", buffering=0) as record:
        record.write(line.encode())


def count_run(stage: str) -> int:
    """Returns how often the stage has begun, this run included."""
    path = runs_folder() / stage.replace("/", ".")
    with path.open("ab") as file:
        file.write(b".")
        return file.tell()


def runs_folder() -> Path:
    return Path(os.environ["CHAOS_RUNS"])


def limits() -> EngineLimits:
    return EngineLimits(stage_timeout_seconds=float(os.environ["CHAOS_STAGE_TIMEOUT"]))
