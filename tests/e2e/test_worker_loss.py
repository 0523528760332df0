"""Videos complete although a worker is killed (`kill -9`) in the middle of a stage."""

import signal
from collections.abc import Sequence
from typing import Any

import psutil
import pytest

from tests.e2e.api import Api, stage
from tests.e2e.stack import Stack, engines_of

REQUESTS: dict[str, dict[str, Any]] = {
    "mux": {"prompt": "nod", "seconds": 1},
    "tts": {"script": "The worker that speaks this dies."},
    "voice": {"transcript": "The worker that listens to this dies."},
    "video": {"prompt": "nod", "seconds": 20},
}
"""Requests by service: a video that needs no service which stands still by then."""
Losses = dict[str, tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def losses(api: Api, portrait: str, reader: str, stack: Stack) -> Losses:
    """Returns by service the worker that was lost, and the video of its stage after the video's end.

    All workers are lost at the same time, because the loss of each is noticed after a lease.
    """
    workers = {name: process for name, process in stack.processes().items() if name in REQUESTS}
    under_way: dict[str, tuple[str, str]] = {}
    for service, request in REQUESTS.items():
        # The video service looks at every portrait before a video is accepted.
        engines = engines_of(workers[service])
        early, late = ([], engines) if service == "video" else (engines, [])
        freeze(early)
        spoken = {"audio": reader} if service == "voice" else {}
        video = api.create(image=portrait, size="512x512", no_cache=True, **request, **spoken)
        freeze(late)
        under_way[service] = (worker_at(api, video["id"], service), video["id"])
    for worker in workers.values():
        worker.kill()
    for service, (victim, _) in under_way.items():
        assert str(workers[service].pid) in victim
    return {service: (victim, api.wait(video_id)) for service, (victim, video_id) in under_way.items()}


def freeze(engines: Sequence[psutil.Process]) -> None:
    """Stops the engines, so that their worker surely dies in the middle of the stage."""
    for engine in engines:
        engine.send_signal(signal.SIGSTOP)


def worker_at(api: Api, video_id: str, service: str) -> str:
    for _, event in api.events(video_id):
        if (found := stage(event["video"], service))["state"] == "running":
            return found["worker"]
    raise AssertionError(f"{service} was never seen at work")


@pytest.mark.parametrize("service", REQUESTS)
def test_a_killed_worker_costs_no_video(losses: Losses, service: str):
    victim, ended = losses[service]
    assert ended["status"] == "completed", ended
    assert stage(ended, service)["worker"] != victim
