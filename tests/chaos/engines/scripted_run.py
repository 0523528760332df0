"""Runs a stage as its instructions say, and writes a record that outlives the process."""

import ctypes
import os
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

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
    with recorded_run(instructions.stage(service)) as count:
        faulty = count <= behaviour.runs
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
def recorded_run(stage: str) -> Generator[int]:
    """Records a run; a killed one has no end. Yields how often the stage has begun, this run included."""
    try:
        yield note("start", stage)
    finally:
        note("end", stage)


def note(what: str, stage: str) -> int:
    """Has the harness append a line to its record. Returns how often the stage has begun."""
    line = f"{time.monotonic():.3f} {what} {stage} {os.environ['CHAOS_WORKER']} {os.getpid()}\n"
    with socket.create_connection(("127.0.0.1", int(os.environ["CHAOS_RECORDER"]))) as recorder:
        recorder.sendall(line.encode())
        return int(recorder.makefile().readline())


def limits() -> EngineLimits:
    return EngineLimits(stage_timeout_seconds=float(os.environ["CHAOS_STAGE_TIMEOUT"]))
