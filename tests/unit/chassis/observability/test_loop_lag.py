"""The watch of the event loop measures how long it is held, and tells where it stands then."""

import asyncio
import time

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.chassis.observability.loop_lag import STALLED_SECONDS, cpu_seconds, watching_loop

LAG, HELD = "likeness_event_loop_lag_seconds", "likeness_event_loop_held_seconds"


def later_than(name: str, bucket: str) -> float:
    """Returns how many heartbeats were later than this bucket of the histogram."""
    every = REGISTRY.get_sample_value(f"{name}_count") or 0.0
    return every - (REGISTRY.get_sample_value(f"{name}_bucket", {"le": bucket}) or 0.0)


async def next_beat() -> None:
    """Returns when the heartbeat that is due has been noted."""
    every = REGISTRY.get_sample_value(f"{LAG}_count")
    while REGISTRY.get_sample_value(f"{LAG}_count") == every:  # noqa: ASYNC110 - a histogram has no event
        await asyncio.sleep(0)


def compute(seconds: float) -> None:
    end = cpu_seconds() + seconds
    while cpu_seconds() < end:
        pass


def wait(seconds: float) -> None:
    time.sleep(seconds)


@pytest.mark.parametrize(("hold", "held"), [(compute, 1), (wait, 0)])
async def test_a_held_loop_is_measured_and_its_place_logged_once(hold: object, held: int) -> None:
    assert callable(hold)
    before = {name: later_than(name, "0.1") for name in (LAG, HELD)}
    with capture_logs() as logged, watching_loop():
        hold(STALLED_SECONDS * 3)
        await next_beat()
    assert later_than(LAG, "0.1") >= before[LAG] + 1
    assert later_than(HELD, "0.1") == before[HELD] + held
    (stall,) = [each for each in logged if each["event"] == "loop.stalled"]
    assert stall["milliseconds"] >= STALLED_SECONDS * 1000
    assert any(frame.endswith(f" {hold.__name__}") for frame in stall["stack"])
