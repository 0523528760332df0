"""`/v1/videos`: the shape of the `openai` client's videos, with our own fields beside."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.chassis.engine_api.video_format import VideoFormat
from services.gateway.components import Components, Wired, components_of
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.errors import ApiError, invalid, not_found
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.idempotency.create_once import IdempotencyKey
from services.gateway.jobs.domain.models import Job, VideoStatus
from services.gateway.jobs.store import repository
from services.gateway.jobs.views.event_stream import follow
from services.gateway.videos.create import create_video
from services.gateway.videos.presenter import Presenter
from services.gateway.videos.read_request import read_request
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.responses import VideoDeleted, VideoList, VideoObject

router = APIRouter(prefix="/v1/videos", tags=["videos"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
MAX_ID_DIGITS = 18
POLL_AFTER = {"openai-poll-after-ms": "500"}
SUFFIXES = {"video": ".mp4", "audio": ".m4a", "thumbnail": ".jpg"}
SUFFIXES_OF_FORMATS = {video_format.media_type: video_format.suffix for video_format in VideoFormat}
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/VideoRequest"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "description": "The same fields; files go into image, input_reference and audio, "
                    "objects are JSON texts.",
                }
            },
        },
    }
}


async def job_of(
    video_id: str, workspace: Workspace, components: Annotated[Components, Depends(components_of)]
) -> Job:
    async with components.pool.acquire() as connection:
        job = await repository.find_job(connection, workspace, video_id)
    if job is None:
        raise not_found("video", video_id)
    return job


FoundJob = Annotated[Job, Depends(job_of)]


@router.post("", openapi_extra=REQUEST_BODY)
async def post_video(
    request: Request, workspace: Workspace, components: Wired, idempotency_key: IdempotencyKey = None
) -> VideoObject:
    """Ask for a video. It is made in the background: poll it, or follow its events."""
    body: VideoRequest = await read_request(request, components, workspace)
    job = await create_video(components, workspace, body, idempotency_key)
    return await Presenter(components).present(job)


@router.get("")
async def list_videos(
    workspace: Workspace,
    components: Wired,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    batch_id: Annotated[str | None, Query(description="Only the videos of this batch.")] = None,
    status: Annotated[VideoStatus | None, Query(description="Only the videos of this status.")] = None,
) -> VideoList:
    """The newest first. Of a batch: in the order of its lines with `asc`, against it with `desc`."""
    part = repository.Listing(limit + 1, after, order == "asc", status)
    async with components.pool.acquire() as connection:
        if batch_id is None:
            jobs = await repository.list_jobs(connection, workspace, part)
        else:
            jobs = await repository.list_batch_jobs(connection, workspace, batch_id, part)
    videos = await Presenter(components).present_all(jobs[:limit])
    return VideoList(
        data=videos,
        first_id=videos[0].id if videos else None,
        last_id=videos[-1].id if videos else None,
        has_more=len(jobs) > limit,
    )


@router.get("/{video_id}")
async def get_video(job: FoundJob, components: Wired, response: Response) -> VideoObject:
    response.headers.update(POLL_AFTER)
    return await Presenter(components).present(job)


@router.delete("/{video_id}")
async def delete_video(video_id: str, workspace: Workspace, components: Wired) -> VideoDeleted:
    """Cancel the video if it is under way, and forget it."""
    if not await components.ledger.delete(workspace, video_id):
        raise not_found("video", video_id)
    return VideoDeleted(id=video_id)


@router.post("/{video_id}/cancel")
async def cancel_video(video_id: str, workspace: Workspace, components: Wired) -> VideoObject:
    """Stop all work on the video. One that has ended stays as it is."""
    jobs = await components.ledger.cancel(workspace, [video_id])
    if not jobs:
        raise not_found("video", video_id)
    return await Presenter(components).present(jobs[0])


@router.get("/{video_id}/content", response_class=RedirectResponse, status_code=302)
async def get_content(
    job: FoundJob,
    components: Wired,
    variant: Literal["video", "audio", "thumbnail"] = "video",
    inline: bool = False,
) -> RedirectResponse:
    """Redirects to a URL of the object store that is valid for an hour."""
    require_completed(job)
    artifact = job.stages[-1].outputs[variant]
    url = await components.store.presign_get(
        artifact.key,
        filename=job.video.id + SUFFIXES_OF_FORMATS.get(artifact.media_type, SUFFIXES[variant]),
        media_type=artifact.media_type,
        expires_seconds=components.settings.content_url_seconds,
        inline=inline,
    )
    return RedirectResponse(url, status_code=302)


def require_completed(job: Job) -> None:
    match job.video.status:
        case VideoStatus.COMPLETED:
            return
        case VideoStatus.FAILED:
            reason = job.video.failure.message if job.video.failure else ""
            raise ApiError(409, "video_failed", f"The video has failed: {reason}", "video_id")
        case VideoStatus.CANCELLED:
            raise ApiError(409, "video_cancelled", "The video was cancelled: it has no content.", "video_id")
        case _:
            message = f"The video is {job.video.progress}% done. Poll it, or follow its events."
            raise ApiError(409, "video_not_ready", message, "video_id")


def event_id(last_event_id: Annotated[str | None, Header()] = None) -> int:
    if last_event_id is None:
        return 0
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= MAX_ID_DIGITS):
        raise invalid("invalid_event_id", "Last-Event-ID is not an id of this stream.", "last-event-id")
    return int(last_event_id)


@router.get("/{video_id}/events", response_class=EventSourceResponse)
async def get_events(
    job: FoundJob, components: Wired, after: Annotated[int, Depends(event_id)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events until the video has ended. `Last-Event-ID` goes on where a stream broke off."""
    async for event in follow(components, job.video.workspace_id, job.video.id, after):
        if event is None:
            yield ServerSentEvent(comment="waiting")
        else:
            yield ServerSentEvent(id=str(event.id), event=event.type, data=event.data)
