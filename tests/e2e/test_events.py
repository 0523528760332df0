"""Progress of videos in their event streams, and cancellation."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

from tests.e2e.api import PATIENCE_SECONDS, Api, stage
from tests.e2e.stack import Stack

PROMPT_SECONDS = 10.0
LONG = "This sentence is said again and again, so that the rendering takes its time. " * 20


def test_a_stream_that_broke_off_goes_on_where_it_was(api: Api, portrait: str):
    video = api.create(script="To be resumed.", image=portrait, size="256x256")
    first: list[int] = []
    for event_id, _ in api.events(video["id"]):
        first.append(event_id)
        if len(first) == 3:
            break
    rest = [event_id for event_id, _ in api.events(video["id"], after=first[-1])]
    whole = [event_id for event_id, _ in api.events(video["id"])]
    assert first + rest == whole
    assert whole == sorted(set(whole))


def test_ten_videos_at_once_complete_with_progress_that_never_falls(api: Api, portrait: str):
    streams = make_at_once(api, portrait, count=10)
    for seen in streams:
        progress = [video["progress"] for video in seen]
        assert progress == sorted(progress)
        assert (seen[-1]["status"], seen[-1]["progress"]) == ("completed", 100)
        assert seen[-1]["eta_seconds"] == 0
    # An event comes with its video as it is now: only who follows while it is made sees these.
    assert {video["progress"] for seen in streams for video in seen} - {0, 100}


def make_at_once(api: Api, portrait: str, count: int) -> list[list[dict[str, Any]]]:
    """Returns the states of each video in its own event stream. No stream is read on before all are open."""
    all_open = threading.Barrier(count, timeout=PATIENCE_SECONDS)

    def make(number: int) -> list[dict[str, Any]]:
        script = f"This is video number {number} of {count}."
        video = api.create(script=script, image=portrait, size="256x256")
        seen: list[dict[str, Any]] = []
        for _, event in api.events(video["id"]):
            if not seen:
                all_open.wait()
            seen.append(event["video"])
        return seen

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(make, range(count)))


def wait_for_rendering(api: Api, video_id: str) -> None:
    """Waits until the engine has rendered a part of the video."""
    for _, event in api.events(video_id):
        if 0 < stage(event["video"], "video")["progress"] < 1:
            return
    raise AssertionError("the video was never seen under way")


def first_to_end(processes: Sequence[psutil.Process]) -> list[int]:
    """Returns the ids of the processes that have ended, as soon as there is one; an empty list after
    `PROMPT_SECONDS`."""
    deadline = time.monotonic() + PROMPT_SECONDS
    ended: list[psutil.Process] = []
    while not ended and time.monotonic() < deadline:
        ended, _ = psutil.wait_procs(processes, timeout=0.05)
    return [process.pid for process in ended]


def test_a_cancel_ends_the_engine(api: Api, portrait: str, stack: Stack):
    video = api.create(script=LONG, image=portrait, size="1080x1080")
    wait_for_rendering(api, video["id"])
    busy = stack.engine_processes("video")
    assert api.http.post(f"/v1/videos/{video['id']}/cancel").json()["status"] == "cancelled"
    stopped = first_to_end(busy)
    ended = api.wait(video["id"])
    assert ended["status"] == "cancelled"
    assert len(stopped) == 1
    assert stopped == [process.pid for process in busy if not process.is_running()]
    assert {each["state"] for each in ended["stages"]} <= {"completed", "cancelled"}
    content = api.http.get(f"/v1/videos/{video['id']}/content")
    assert (content.status_code, content.json()["error"]["code"]) == (409, "video_cancelled")


def test_what_waits_says_how_long(api: Api, portrait: str):
    api.make(script="So that each engine has a history.", image=portrait, size="256x256")
    video = api.create(script=LONG, image=portrait, size="512x512")
    assert video["eta_seconds"] is None or video["eta_seconds"] > 0
    assert api.get(video["id"])["eta_seconds"] is not None
    api.http.delete(f"/v1/videos/{video['id']}")
    assert api.http.get(f"/v1/videos/{video['id']}").status_code == 404
