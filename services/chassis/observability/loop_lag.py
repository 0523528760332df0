"""Watches how late the event loop runs what is due: nothing in a service may hold it for long."""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import structlog
from prometheus_client import Histogram

T = TypeVar("T")
BEAT_SECONDS = 0.02
"""Time between two heartbeats of the loop."""
STALLED_SECONDS = 0.1
"""Lateness of a heartbeat from which the loop counts as stalled."""
MAX_FRAMES = 15
"""Innermost frames of a stalled loop that are logged."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LAG_SECONDS = Histogram(
    "likeness_event_loop_lag_seconds", "How late each heartbeat of the event loop was", buckets=BUCKETS
)
HELD_SECONDS = Histogram(
    "likeness_event_loop_held_seconds",
    "The part of the lag in which this process computed, and did not wait for a processor",
    buckets=BUCKETS,
)
log = structlog.get_logger()


async def watched(main: Coroutine[Any, Any, T]) -> T:
    """Awaits `main`, and watches the loop meanwhile."""
    with watching_loop():
        return await main


@contextmanager
def watching_loop() -> Generator["LoopWatch"]:
    """Watches the running loop from a thread in the block. Call it in the thread of the loop."""
    watch = LoopWatch(asyncio.get_running_loop())
    thread = threading.Thread(target=watch.run, name="loop-watch", daemon=True)
    watch.beat()
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        thread.join()


class LoopWatch:
    """Measures the lag of a loop by a heartbeat, and logs where the loop stands when one is missing."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = threading.get_ident()
        self._due = time.monotonic()
        self._computed = cpu_seconds()
        self._next: asyncio.TimerHandle | None = None
        self._stopped = threading.Event()

    def beat(self) -> None:
        """Notes how late this heartbeat is, and asks for the next."""
        now, computed = time.monotonic(), cpu_seconds()
        lag = max(0.0, now - self._due)
        LAG_SECONDS.observe(lag)
        HELD_SECONDS.observe(min(lag, computed - self._computed))
        self._due, self._computed = now + BEAT_SECONDS, computed
        self._next = self._loop.call_later(BEAT_SECONDS, self.beat)

    def stop(self) -> None:
        self._stopped.set()
        if self._next is not None:
            self._next.cancel()

    def run(self) -> None:
        """Logs each stall of the loop once, while it lasts, until `stop`."""
        logged = 0.0
        while not self._stopped.wait(STALLED_SECONDS / 2):
            due = self._due
            late = time.monotonic() - due
            if late > STALLED_SECONDS and due != logged:
                logged = due
                computed = cpu_seconds() - self._computed
                log.warning(
                    "loop.stalled",
                    milliseconds=round(late * 1000),
                    computed_milliseconds=round(computed * 1000),
                    stack=stack_of(self._thread),
                )


def cpu_seconds() -> float:
    """Returns the seconds of processor time that all threads of this process have used."""
    return time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)


def stack_of(thread: int) -> list[str]:
    """Returns where a thread stands, the innermost frame last: file, line and function, and no values."""
    frame = sys._current_frames().get(thread)  # pyright: ignore[reportPrivateUsage] - the only way there is
    if frame is None:
        return []
    inner_first = [place_of(each, line) for each, line in islice(traceback.walk_stack(frame), MAX_FRAMES)]
    return inner_first[::-1]


def place_of(frame: FrameType, line: int) -> str:
    file = Path(frame.f_code.co_filename)
    return f"{file.parent.name}/{file.name}:{line} {frame.f_code.co_name}"
