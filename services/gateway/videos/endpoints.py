"""`/v1/videos`: jobs that make a video, in the shape of OpenAI's API with additional fields."""

from fastapi import APIRouter, Request

from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import Codes
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.idempotency.create_once import IDEMPOTENCY, IdempotencyKey
from services.gateway.intake.body_schema import body_schema, remix_schema
from services.gateway.intake.create_job import create_and_show, estimate_job
from services.gateway.intake.declared import REMIX, creation_errors
from services.gateway.intake.read_request import read_remix
from services.gateway.intake.uploads import RequestUploads
from services.gateway.jobs.endpoints import FoundJob, add_job_routes
from services.gateway.jobs.views.estimate import EstimateObject
from services.gateway.jobs.views.objects import JobObject
from services.gateway.videos.read_request import FIELDS, read_request, with_reference
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.responses import VideoList, VideoObject

router = APIRouter(prefix="/v1/videos", tags=["videos"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
REQUEST_BODY = body_schema(VideoRequest, FIELDS)
REMIX_BODY = remix_schema(VideoRequest, FIELDS)
PORTRAIT: Codes = {
    422: (
        "image_missing",
        "avatar_not_found",
        "portrait_too_large",
        "prompt_too_long",
        "too_long_for_engine",
        "audio_missing",
        "transcript_too_long",
        "language_unknown",
        "image_url_unsupported",
        "image_url_invalid",
    )
}
"""Errors of requests for videos."""


@router.post(
    "",
    openapi_extra=REQUEST_BODY,
    response_model=VideoObject | EstimateObject,
    responses=creation_errors(PORTRAIT, IDEMPOTENCY),
)
async def post_video(
    request: Request,
    uploads: RequestUploads,
    workspace: Workspace,
    components: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JobObject | EstimateObject:
    """Create a video. It is made in the background: poll it, or follow its events. With `dry_run`, no job is
    created, and the answer is the estimate."""
    body = await read_request(request, uploads)
    return await create_and_show(components, "video", workspace, body, idempotency_key)


@router.post("/estimate", openapi_extra=REQUEST_BODY, responses=creation_errors(PORTRAIT))
async def estimate_video(
    request: Request, uploads: RequestUploads, workspace: Workspace, components: Wired
) -> EstimateObject:
    """Show what a video would run if it were created now: each stage, whether its result is known, and how
    long it would take. No job is created. The body is that of `POST /v1/videos`."""
    body = await read_request(request, uploads)
    return await estimate_job(components, "video", workspace, body)


@router.post(
    "/{job_id}/remix",
    openapi_extra=REMIX_BODY,
    response_model=VideoObject | EstimateObject,
    responses=creation_errors(PORTRAIT, IDEMPOTENCY, REMIX),
)
async def remix_video(
    job: FoundJob,
    request: Request,
    uploads: RequestUploads,
    components: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JobObject | EstimateObject:
    """Create the video again with changes. Stages that the changes do not affect come from the cache."""
    workspace, job_id = job.record.workspace_id, job.record.id
    body = VideoRequest.model_validate(await read_remix(request, uploads, job, FIELDS))
    body = await with_reference(body, uploads)
    return await create_and_show(components, "video", workspace, body, idempotency_key, remixed_from=job_id)


add_job_routes(router, VideoObject, VideoList)
