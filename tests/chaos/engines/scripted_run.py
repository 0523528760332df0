"""Does what an order says, and keeps a record of it that outlives the process."""

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.engine_api.spec import EngineLimits, Progress
from services.chassis.errors import Reason, error_of
from tests.chaos.engines.order import CRASHES, HANG, MEMORY, Behaviour, Order

STEP_SECONDS = 0.25
MUCH_MEMORY = 256 << 20
FOR_EVER = 3600.0


def perform(order: Order, service: str) -> Iterator[Progress]:
    """Takes its time and tells progress; ends as the order says. Notes if its worker has gone meanwhile.

    The lifeline's SIGKILL comes before the kernel gives this process another parent.
    """
    behaviour = order.behaviours.get(service, Behaviour())
    worker = os.getppid()
    with recorded(order.stage(service)):
        faulty = behaviour.runs > 0 and count_run(order.stage(service)) <= behaviour.runs
        steps = max(2, round(behaviour.seconds / STEP_SECONDS))
        for step in range(steps):
            if faulty and step == steps // 2:
                misbehave(behaviour.fault)
            time.sleep(behaviour.seconds / steps)
            if os.getppid() != worker:
                note("outlived", order.stage(service))
            yield Progress((step + 1) / steps)


def misbehave(fault: str) -> None:
    """Does not return, but for a hang that nobody ends."""
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
def recorded(stage: str) -> Iterator[None]:
    """Writes when this run begins and ends; of a killed run there is no end."""
    note("start", stage)
    try:
        yield
    finally:
        note("end", stage)


def note(what: str, stage: str) -> None:
    """One write to a file that is open for appending: lines of many processes do not mix."""
    line = f"{time.monotonic():.3f} {what} {stage} {os.environ['CHAOS_WORKER']} {os.getpid()}\n"
    with runs_folder().joinpath("runs.log").open("ab", buffering=0) as record:
        record.write(line.encode())


def count_run(stage: str) -> int:
    """How often it has begun, this time included."""
    path = runs_folder() / stage.replace("/", ".")
    with path.open("ab") as file:
        file.write(b".")
        return file.tell()


def runs_folder() -> Path:
    return Path(os.environ["CHAOS_RUNS"])


def limits() -> EngineLimits:
    return EngineLimits(stage_timeout_seconds=float(os.environ["CHAOS_STAGE_TIMEOUT"]))
