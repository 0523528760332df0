"""Renders a video into a file: uploads, creates the video, follows it, downloads it."""

from pathlib import Path
from typing import Any

from services.cli.client import GatewayClient, Job
from services.cli.errors import JobFailed
from services.cli.following import JobObserver, create_and_follow
from services.cli.job_text import failure_text
from services.cli.render_request import VIDEO_OPTIONS, RenderRequest, video_body


async def render(
    client: GatewayClient, request: RenderRequest, destination: Path, observer: JobObserver
) -> Job:
    """Returns the completed video, whose file is at the destination. If cancelled, cancels the video too.

    Raises JobFailed with the stage's error.
    """
    body = await upload_and_build(client, request)
    video = await create_and_follow(client, client.create_video(body, VIDEO_OPTIONS), observer)
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
