"""Measures how true `eta_seconds` is over a mixed load: jobs alone, and jobs that queue."""

import random
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from benchmarks.waiting import samples
from benchmarks.waiting.samples import Judged, Sample
from benchmarks.waiting.scripts import script_of
from tests.e2e.api import TERMINAL

SEED = 21
WARM_SECONDS = (2.0, 10.0, 40.0)
ALONE_SECONDS = (1, 1, 2, 3, 5, 8, 12, 20, 40, 90, 300, 1200)
LONG_SECONDS = (1200.0, 300.0)
SHORT_COUNT = 46
QUEUED_COUNT = SHORT_COUNT + len(LONG_SECONDS)
ARRIVAL_SECONDS = 60.0
POLL_SECONDS = 0.5
SIZE = "512x512"
HEAD = (
    "jobs",
    "number",
    "lengths",
    "median error, first told",
    "median error, all told",
    "within 25 %, all told",
)
NOTE = (
    f"{len(ALONE_SECONDS)} jobs one after the other, then {QUEUED_COUNT} at random moments "
    f"of one minute, at {SIZE}, after {len(WARM_SECONDS)} that warm the stack. The error is |told − true| / "
    f"true remaining time (at least {samples.LEAST_SECONDS:g} s). First told: in the answer to the creation. "
    "All told: polled twice a second until the end; the median of each job counts once."
)


@dataclass(slots=True)
class Load:
    """What was told while the load ran, and when each job ended, on one clock."""

    told: list[Sample]
    ended: dict[str, float]


def measure(bench: Workbench) -> str:
    """Returns the table with its note."""
    for number, seconds in enumerate(WARM_SECONDS):
        bench.api.wait(create(bench, seconds, f"Warm number {number}")["id"])
    alone = run(bench, [(0.0, seconds) for seconds in ALONE_SECONDS], in_turn=True)
    rng = random.Random(SEED)
    shorts = [60 ** rng.random() for _ in range(SHORT_COUNT)]
    arrivals = [(rng.uniform(0, ARRIVAL_SECONDS), seconds) for seconds in (*LONG_SECONDS, *shorts)]
    queued = run(bench, sorted(arrivals), in_turn=False)
    groups = {"alone": (alone, ALONE_SECONDS), "queued": (queued, (*LONG_SECONDS, *shorts))}
    rows = [
        row(name, samples.judged(load.told, load.ended), lengths) for name, (load, lengths) in groups.items()
    ]
    everything = [each for load, _ in groups.values() for each in samples.judged(load.told, load.ended)]
    rows.append(row("all", everything, [*ALONE_SECONDS, *LONG_SECONDS, *shorts]))
    still = samples.stood_still(everything)
    told = [*alone.told, *queued.told]
    verdict = (
        f"Estimates that stood still for a minute while wrong by over 2×: {len(still)}. Asked, not told: "
        f"{sum(each.eta is None for each in told)} of {len(told)}."
    )
    return "\n\n".join((markdown(HEAD, rows), f"{NOTE} {verdict}"))


def row(name: str, estimates: Sequence[Judged], lengths: Sequence[float]) -> tuple[str, ...]:
    errors = samples.median_errors(estimates)
    return (
        name,
        f"{len(errors)}",
        f"{min(lengths):.0f} to {max(lengths):.0f} s",
        f"{median(samples.first_errors(estimates)):.0%}",
        f"{median(errors):.0%}",
        f"{sum(each.error <= 0.25 for each in estimates) / len(estimates):.0%}",
    )


def create(bench: Workbench, seconds: float, title: str) -> dict[str, Any]:
    script = script_of(seconds, title)
    return bench.api.create(script=script, image=bench.portrait, size=SIZE, voice="en-us")


def run(bench: Workbench, arrivals: Sequence[tuple[float, float]], *, in_turn: bool) -> Load:
    """Creates a job at each moment, or, `in_turn`, when the one before has ended."""
    load = Load([], {})
    begin = time.monotonic()
    open_jobs: set[str] = set()
    with polled(lambda: look(bench, load, open_jobs, begin)) as all_ended:
        for number, (moment, seconds) in enumerate(arrivals):
            time.sleep(max(begin + moment - time.monotonic(), 0))
            job = create(bench, seconds, f"Number {number} of {len(arrivals)}")
            load.told.append(Sample(job["id"], time.monotonic() - begin, job["eta_seconds"], first=True))
            open_jobs.add(job["id"])
            if in_turn:
                all_ended(open_jobs)
        all_ended(open_jobs)
    return load


@contextmanager
def polled(look_once: Callable[[], None]) -> Generator[Callable[[set[str]], None]]:
    """Looks at the open jobs twice a second in a thread of its own. Yields a function that waits for all."""
    stop, failed = threading.Event(), list[Exception]()

    def poll() -> None:
        while not stop.wait(POLL_SECONDS):
            try:
                look_once()
            except Exception as exc:  # noqa: BLE001 - raised where somebody waits
                failed.append(exc)
                return

    def wait(open_jobs: set[str]) -> None:
        while open_jobs:
            if failed:
                raise failed[0]
            time.sleep(POLL_SECONDS / 4)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield wait
    finally:
        stop.set()
        thread.join()


def look(bench: Workbench, load: Load, open_jobs: set[str], begin: float) -> None:
    """Notes the estimate of every open job, and the ends of those that have ended."""
    for job_id in sorted(open_jobs):
        asked = time.monotonic() - begin
        job = bench.http.get(f"/v1/videos/{job_id}").raise_for_status().json()
        if job["status"] not in TERMINAL:
            load.told.append(Sample(job_id, asked, job["eta_seconds"]))
            continue
        assert job["status"] == "completed", job["error"]
        load.ended[job_id] = end_of(job["stages"], begin)
        open_jobs.discard(job_id)


def end_of(stages: list[dict[str, Any]], begin: float) -> float:
    """Returns when the last stage ended, on the benchmark's clock."""
    last = max(each["completed_at"] for each in stages)
    return last - time.time() + time.monotonic() - begin
