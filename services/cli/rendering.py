"""Renders a video into a file: uploads, creates the video, follows it, downloads it."""

import asyncio
from pathlib import Path
from typing import Protocol

from services.cli.client import GatewayClient, Job, JobEvent
from services.cli.errors import CliError, VideoFailed
from services.cli.render_request import RenderRequest, video_body


class RenderObserver(Protocol):
    """Receives the events of a render, and notes in words."""

    def handle_event(self, event: JobEvent) -> None: ...

    def note(self, text: str) -> None: ...


async def render(
    client: GatewayClient, request: RenderRequest, destination: Path, observer: RenderObserver
) -> Job:
    """Returns the completed video, whose file is at the destination. If cancelled, cancels the video too.

    Raises VideoFailed with the stage's error.
    """
    assets = {role: await client.upload(path) for role, path in request.files.items()}
    # Shielded: a video whose creation was requested can be cancelled only by its id.
    created = asyncio.ensure_future(client.create_video(video_body(request, assets)))
    try:
        video = await asyncio.shield(created)
        observer.note(f"video {video['id']}")
        async for event in client.follow(video):
            video = event.job
            observer.handle_event(event)
    except asyncio.CancelledError:
        await cancel(client, created, observer)
        raise
    if video["status"] != "completed":
        raise VideoFailed(failure_text(video))
    await client.download(video, destination)
    return video


async def cancel(client: GatewayClient, created: "asyncio.Future[Job]", observer: RenderObserver) -> None:
    """Cancels the video that was created, and notes the result. Does not raise if the gateway refuses."""
    try:
        video = await client.cancel((await created)["id"])
    except CliError as exc:
        observer.note(f"the video could not be cancelled: {exc.message}")
    else:
        observer.note(f"video {video['id']} is {video['status']}")


def failure_text(video: Job) -> str:
    """Returns one line that says which stage failed, and why."""
    if video["status"] == "cancelled":
        return f"Video {video['id']} was cancelled."
    for stage in video["stages"]:
        if stage["state"] == "failed" and stage["error"]:
            error = stage["error"]
            return f"Stage {stage['name']} ({stage['engine']}) failed: {error['message']} ({error['code']})"
    error = video["error"] or {"message": "no reason was given", "code": "unknown"}
    return f"Video {video['id']} failed: {error['message']} ({error['code']})"
