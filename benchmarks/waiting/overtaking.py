"""Measures how long a short video waits behind one of twenty minutes, and what that costs the long one."""

import time
from statistics import median
from typing import Any

from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from benchmarks.waiting.scripts import script_of
from tests.e2e.api import TERMINAL

LONG_SECONDS = 1200.0
SHORT_COUNT = 3
BETWEEN_SECONDS = 12.0
POLL_SECONDS = 0.1
SIZE = "512x512"
HEAD = ("", "seconds")
NOTE = (
    f"One video of 20 minutes at {SIZE}, alone and then with {SHORT_COUNT} of one sentence that come while "
    "it is rendered. A short video starts when a worker takes its picture."
)


def measure(bench: Workbench) -> str:
    """Returns the table with its note."""
    sentence("Warm", bench)
    alone = seconds_of(bench.api.wait(long_video(bench, "Alone")["id"]))
    long = long_video(bench, "Overtaken")
    wait_for_pictures(bench, long["id"])
    waits: list[float] = []
    totals: list[float] = []
    for number in range(SHORT_COUNT):
        short = sentence(f"Short number {number}", bench)
        waits.append(first_start(short) - short["created"])
        totals.append(last_end(short) - short["created"])
        time.sleep(BETWEEN_SECONDS)
    assert bench.api.get(long["id"])["status"] not in TERMINAL, "The long video was not long enough."
    ended = bench.api.wait(long["id"])
    busy = seconds_of(ended)
    pieces = [each["run_seconds"] for each in ended["stages"] if each["service"] == "video"]
    rows = [
        ("a short video waits until its picture is begun, median", f"{median(waits):.1f}"),
        ("the same, longest", f"{max(waits):.1f}"),
        ("a short video from creation to its end, median", f"{median(totals):.1f}"),
        (f"one of the {len(pieces)} parts of the long video, median", f"{median(pieces):.1f}"),
        ("the long video alone", f"{alone:.1f}"),
        ("the long video with the short ones", f"{busy:.1f}"),
        ("ratio", f"{busy / alone:.2f}"),
    ]
    return "\n\n".join((markdown(HEAD, rows), NOTE))


def long_video(bench: Workbench, title: str) -> dict[str, Any]:
    script = script_of(LONG_SECONDS, title)
    return bench.api.create(script=script, image=bench.portrait, size=SIZE, voice="en-us")


def sentence(title: str, bench: Workbench) -> dict[str, Any]:
    """Makes a video of one sentence. Returns it, with the moment of its creation as `created`."""
    created = time.time()
    job = bench.api.create(script=f"{title}.", image=bench.portrait, size=SIZE, voice="en-us")
    return bench.api.wait(job["id"]) | {"created": created}


def wait_for_pictures(bench: Workbench, job_id: str) -> None:
    """Returns once the first part of the video's picture is rendered."""
    while True:
        stages = bench.api.get(job_id)["stages"]
        if any(each["state"] == "running" for each in stages if each["service"] == "video"):
            return
        time.sleep(POLL_SECONDS)


def first_start(job: dict[str, Any]) -> float:
    return min(each["started_at"] for each in job["stages"] if each["service"] == "video")


def last_end(job: dict[str, Any]) -> float:
    return max(each["completed_at"] for each in job["stages"])


def seconds_of(job: dict[str, Any]) -> float:
    """Returns the time from the creation, which is in whole seconds, to the end of the last stage."""
    assert job["status"] == "completed", job["error"]
    return last_end(job) - min(each["queued_at"] for each in job["stages"] if each["queued_at"])
