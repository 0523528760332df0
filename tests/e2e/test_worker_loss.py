"""`kill -9` of any worker in the middle of a stage: the video still completes."""

import signal
import uuid

import pytest

from tests.e2e.api import Api, stage
from tests.e2e.stack import Stack


@pytest.mark.parametrize("service", ["tts", "voice", "video", "mux"])
def test_a_killed_worker_costs_no_video(api: Api, portrait: str, reader: str, stack: Stack, service: str):
    """Its engine is frozen first, so that the worker surely dies in the middle of the stage."""
    worker = stack.process(service)
    for engine in stack.engine_processes(service):
        engine.send_signal(signal.SIGSTOP)
    video = api.create(
        script=f"The {service} worker dies. {uuid.uuid4().hex[:6]}",
        avatar={"image": portrait, "landmarks": LANDMARKS},
        size="256x256",
        conversion={"reference": reader},
    )
    victim = ""
    for _, event in api.events(video["id"]):
        found = stage(event["video"], service)
        if found["state"] == "running":
            victim = found["worker"]
            worker.kill()
            break
    assert str(worker.pid) in victim
    ended = api.wait(video["id"])
    assert ended["status"] == "completed", ended
    assert stage(ended, service)["worker"] != victim


LANDMARKS = {
    "left_eye": (225, 190),
    "right_eye": (305, 188),
    "mouth_left": (235, 283),
    "mouth_right": (305, 283),
    "upper_lip": (270, 277),
    "lower_lip": (270, 291),
    "chin": (270, 330),
}
