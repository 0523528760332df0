"""`/v1/audio/jobs`: one audio file of any length, made in the background."""

from typing import Any

from fastapi import APIRouter, Request

from services.gateway.audio.requests import AudioRequest
from services.gateway.audio.responses import AudioList, AudioObject
from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.idempotency.create_once import IdempotencyKey
from services.gateway.intake.create_job import create_job
from services.gateway.intake.read_request import BodyFields, read_body
from services.gateway.intake.remix import remixed
from services.gateway.jobs.endpoints import FoundJob, add_job_routes
from services.gateway.jobs.views.objects import JobObject

router = APIRouter(
    prefix="/v1/audio/jobs", tags=["audio"], dependencies=REQUIRES_KEY, route_class=UploadRoute
)
FIELDS = BodyFields(
    files={"audio": "audio"}, json=frozenset({"scenes", "output", "conversion", "effects", "metadata"})
)
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/AudioRequest"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "description": "The same fields; a recording goes into audio, objects are JSON texts.",
                }
            },
        },
    }
}


@router.post("", openapi_extra=REQUEST_BODY, response_model=AudioObject)
async def post_audio(
    request: Request, workspace: Workspace, components: Wired, idempotency_key: IdempotencyKey = None
) -> JobObject:
    """Ask for an audio file. It is made in the background: poll it, or follow its events."""
    body = AudioRequest.model_validate(await read_body(request, components, workspace, FIELDS))
    job = await create_job(components, "audio", workspace, body, idempotency_key)
    return await components.jobs.presenter.present(job)


@router.post("/{job_id}/remix", openapi_extra=REQUEST_BODY, response_model=AudioObject)
async def remix_audio(
    job: FoundJob, request: Request, components: Wired, idempotency_key: IdempotencyKey = None
) -> JobObject:
    """Ask for the audio again with changes; `scenes` has an entry for each scene, `{}` keeps it. Stages that
    the changes do not touch come from the cache."""
    record = job.record
    changes = await read_body(request, components, record.workspace_id, FIELDS)
    body = AudioRequest.model_validate(remixed(record.spec.get("request"), changes))
    again = await create_job(
        components, "audio", record.workspace_id, body, idempotency_key, remixed_from=record.id
    )
    return await components.jobs.presenter.present(again)


add_job_routes(router, AudioObject, AudioList)
