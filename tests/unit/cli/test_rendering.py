import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli.client import GatewayClient, JobEvent
from services.cli.errors import JobFailed
from services.cli.render_request import RenderRequest
from services.cli.rendering import render


class FakeGateway:
    """A gateway with one video, whose state the test decides."""

    def __init__(self) -> None:
        self.status = "completed"
        self.requested = asyncio.Event()
        self.answer = asyncio.Event()
        self.answer.set()
        self.followed = asyncio.Event()
        self.requests: list[str] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(f"{request.method} {request.url.path}")
        match request.url.path.rsplit("/", 1)[-1]:
            case "assets":
                return httpx2.Response(200, json={"id": f"asset_{len(self.requests)}"})
            case "videos":
                self.requested.set()
                await self.answer.wait()
                return httpx2.Response(200, json=self.video())
            case "events":
                self.followed.set()
                if self.status == "in_progress":
                    await asyncio.Event().wait()
                data = json.dumps({"video": self.video()})
                return httpx2.Response(200, text=f"id: 1\nevent: video.{self.status}\ndata: {data}\n\n")
            case "cancel":
                self.status = "cancelled"
                return httpx2.Response(200, json=self.video())
            case _:
                return httpx2.Response(200, content=b"mp4")

    def video(self) -> dict[str, Any]:
        stages = [
            {"name": "tts", "engine": "espeak", "state": "completed", "error": None},
            {
                "name": "video",
                "engine": "puppet",
                "state": self.status,
                "error": {"code": "face_not_found", "message": "No face."}
                if self.status == "failed"
                else None,
            },
        ]
        return {"id": "video_1", "object": "video", "status": self.status, "stages": stages, "error": None}


class FakeObserver:
    def __init__(self) -> None:
        self.events: list[JobEvent] = []
        self.notes: list[str] = []

    def handle_event(self, event: JobEvent) -> None:
        self.events.append(event)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def request_(tmp_path: Path) -> RenderRequest:
    image = tmp_path / "portrait.jpg"
    image.write_bytes(b"jpeg")
    return RenderRequest(script="hello", image=image)


def client(gateway: FakeGateway) -> GatewayClient:
    return GatewayClient(
        httpx2.AsyncClient(transport=httpx2.MockTransport(gateway), base_url="http://gateway")
    )


async def test_a_render_uploads_creates_follows_and_downloads(
    request_: RenderRequest, tmp_path: Path
) -> None:
    gateway, observer = FakeGateway(), FakeObserver()

    video = await render(client(gateway), request_, tmp_path / "out.mp4", observer)

    assert video["status"] == "completed"
    assert (tmp_path / "out.mp4").read_bytes() == b"mp4"
    assert [event.type for event in observer.events] == ["video.completed"]
    assert gateway.requests == [
        "POST /v1/assets",
        "POST /v1/videos",
        "GET /v1/jobs/video_1/events",
        "GET /v1/jobs/video_1/content",
    ]


async def test_the_error_of_a_failed_video_names_its_stage_and_there_is_no_file(
    request_: RenderRequest, tmp_path: Path
) -> None:
    gateway = FakeGateway()
    gateway.status = "failed"

    with pytest.raises(JobFailed, match=r"Stage video \(puppet\) failed: No face. \(face_not_found\)"):
        await render(client(gateway), request_, tmp_path / "out.mp4", FakeObserver())
    assert not (tmp_path / "out.mp4").exists()


async def test_cancelling_the_render_cancels_the_video(request_: RenderRequest, tmp_path: Path) -> None:
    gateway, observer = FakeGateway(), FakeObserver()
    gateway.status = "in_progress"
    task = asyncio.create_task(render(client(gateway), request_, tmp_path / "out.mp4", observer))
    await gateway.followed.wait()

    task.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert gateway.requests[-1] == "POST /v1/jobs/video_1/cancel"
    assert observer.notes[-1] == "video video_1 is cancelled"


async def test_a_video_whose_creation_is_under_way_is_cancelled_too(
    request_: RenderRequest, tmp_path: Path
) -> None:
    gateway = FakeGateway()
    gateway.answer.clear()
    task = asyncio.create_task(render(client(gateway), request_, tmp_path / "out.mp4", FakeObserver()))
    await gateway.requested.wait()

    task.cancel()
    gateway.answer.set()

    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert gateway.requests[-1] == "POST /v1/jobs/video_1/cancel"
