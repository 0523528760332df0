"""From a request to a file: upload, ask, follow, download."""

import asyncio
from pathlib import Path
from typing import Protocol

from services.cli.client import GatewayClient, JobEvent, Video
from services.cli.errors import CliError, VideoFailed
from services.cli.render_request import RenderRequest, video_body


class RenderObserver(Protocol):
    def saw(self, event: JobEvent) -> None: ...

    def note(self, text: str) -> None: ...


async def render(
    client: GatewayClient, request: RenderRequest, destination: Path, observer: RenderObserver
) -> Video:
    """The completed video, whose file is at the destination. Cancelled itself, it cancels the video too.

    Raises VideoFailed with the stage's error.
    """
    assets = {role: await client.upload(path) for role, path in request.files.items()}
    # Shielded: a video that was asked for must be known, to be cancelled.
    asked = asyncio.ensure_future(client.create_video(video_body(request, assets)))
    try:
        video = await asyncio.shield(asked)
        observer.note(f"video {video['id']}")
        async for event in client.follow(video["id"]):
            video = event.video
            observer.saw(event)
    except asyncio.CancelledError:
        await cancel(client, asked, observer)
        raise
    if video["status"] != "completed":
        raise VideoFailed(failure_text(video))
    await client.download(video["id"], destination)
    return video


async def cancel(client: GatewayClient, asked: "asyncio.Future[Video]", observer: RenderObserver) -> None:
    try:
        video = await client.cancel((await asked)["id"])
    except CliError as exc:
        observer.note(f"the video could not be cancelled: {exc.message}")
    else:
        observer.note(f"video {video['id']} is {video['status']}")


def failure_text(video: Video) -> str:
    """One line: which stage failed, and why."""
    if video["status"] == "cancelled":
        return f"Video {video['id']} was cancelled."
    for stage in video["stages"]:
        if stage["state"] == "failed" and stage["error"]:
            error = stage["error"]
            return f"Stage {stage['name']} ({stage['engine']}) failed: {error['message']} ({error['code']})"
    error = video["error"] or {"message": "no reason was given", "code": "unknown"}
    return f"Video {video['id']} failed: {error['message']} ({error['code']})"
