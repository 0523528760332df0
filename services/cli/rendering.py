"""Renders a video into a file: uploads, creates the video, follows it, downloads it."""

import asyncio
from pathlib import Path
from typing import Any

from services.cli.client import GatewayClient, Job
from services.cli.errors import CliError, JobFailed
from services.cli.following import JobObserver, follow_to_end
from services.cli.job_text import failure_text
from services.cli.render_request import VIDEO_OPTIONS, RenderRequest, video_body


async def render(
    client: GatewayClient, request: RenderRequest, destination: Path, observer: JobObserver
) -> Job:
    """Returns the completed video, whose file is at the destination. If cancelled, cancels the video too.

    Raises JobFailed with the stage's error.
    """
    body = await upload_and_build(client, request)
    # Shielded: a video whose creation was requested can be cancelled only by its id.
    created = asyncio.ensure_future(client.create_video(body, VIDEO_OPTIONS))
    try:
        video = await asyncio.shield(created)
        observer.note(f"video {video['id']}")
        video = await follow_to_end(client, video, observer)
    except asyncio.CancelledError:
        await cancel(client, created, observer)
        raise
    if video["status"] != "completed":
        raise JobFailed(failure_text(video))
    await client.download(video, destination)
    return video


async def estimate(client: GatewayClient, request: RenderRequest) -> dict[str, Any]:
    """Returns what the video would run. Its files are uploaded; nothing else is stored."""
    return await client.estimate_video(await upload_and_build(client, request), VIDEO_OPTIONS)


async def upload_and_build(client: GatewayClient, request: RenderRequest) -> dict[str, Any]:
    """Uploads the request's files, and returns its body."""
    return video_body(request, {role: await client.upload(path) for role, path in request.files.items()})


async def cancel(client: GatewayClient, created: "asyncio.Future[Job]", observer: JobObserver) -> None:
    """Cancels the video that was created, and notes the result. Does not raise if the gateway refuses."""
    try:
        video = await client.cancel((await created)["id"])
    except CliError as exc:
        observer.note(f"the video could not be cancelled: {exc.message}")
    else:
        observer.note(f"video {video['id']} is {video['status']}")
