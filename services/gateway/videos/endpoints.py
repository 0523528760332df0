"""`/v1/videos`: the shape of the `openai` client's videos, with fields of our own beside."""

from typing import Any

from fastapi import APIRouter, Request

from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.idempotency.create_once import IdempotencyKey
from services.gateway.intake.create_job import create_job
from services.gateway.intake.read_request import read_body
from services.gateway.intake.remix import remixed
from services.gateway.jobs.endpoints import FoundJob, add_job_routes
from services.gateway.jobs.views.objects import JobObject
from services.gateway.videos.read_request import FIELDS, read_request, with_reference
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.responses import VideoList, VideoObject

router = APIRouter(prefix="/v1/videos", tags=["videos"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
JSON_BODY = {"schema": {"$ref": "#/components/schemas/VideoRequest"}}
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": JSON_BODY,
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
REMIX_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The fields that change, as in `POST /v1/videos`. A prompt alone means new words. "
        "scenes has an entry for each scene: `{}` keeps it.",
        "content": {"application/json": JSON_BODY},
    }
}


@router.post("", openapi_extra=REQUEST_BODY, response_model=VideoObject)
async def post_video(
    request: Request, workspace: Workspace, components: Wired, idempotency_key: IdempotencyKey = None
) -> JobObject:
    """Ask for a video. It is made in the background: poll it, or follow its events."""
    body = await read_request(request, components, workspace)
    job = await create_job(components, "video", workspace, body, idempotency_key)
    return await components.jobs.presenter.present(job)


@router.post("/{job_id}/remix", openapi_extra=REMIX_BODY, response_model=VideoObject)
async def remix_video(
    job: FoundJob, request: Request, components: Wired, idempotency_key: IdempotencyKey = None
) -> JobObject:
    """Ask for the video again with changes. Stages that the changes do not touch come from the cache."""
    record = job.record
    changes = await read_body(request, components, record.workspace_id, FIELDS)
    body = VideoRequest.model_validate(remixed(record.spec.get("request"), changes))
    body = await with_reference(body, components, record.workspace_id)
    again = await create_job(
        components, "video", record.workspace_id, body, idempotency_key, remixed_from=record.id
    )
    return await components.jobs.presenter.present(again)


add_job_routes(router, VideoObject, VideoList)
