"""`/v1/audio/jobs`: jobs that make one audio file of any length."""

from fastapi import APIRouter, Request

from services.gateway.audio.requests import AudioRequest
from services.gateway.audio.responses import AudioList, AudioObject
from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.idempotency.create_once import IDEMPOTENCY, IdempotencyKey
from services.gateway.intake.body_schema import BodyFields, body_schema, remix_schema
from services.gateway.intake.create_job import create_and_show, estimate_job
from services.gateway.intake.declared import REMIX, creation_errors
from services.gateway.intake.read_request import read_body, read_remix
from services.gateway.intake.uploads import RequestUploads
from services.gateway.jobs.endpoints import FoundJob, add_job_routes
from services.gateway.jobs.views.estimate import EstimateObject
from services.gateway.jobs.views.objects import JobObject

router = APIRouter(
    prefix="/v1/audio/jobs", tags=["audio"], dependencies=REQUIRES_KEY, route_class=UploadRoute
)
FIELDS = BodyFields(
    files={"audio": "audio"}, json=frozenset({"scenes", "output", "conversion", "effects", "metadata"})
)
REQUEST_BODY = body_schema(AudioRequest, FIELDS)
REMIX_BODY = remix_schema(AudioRequest, FIELDS)


@router.post(
    "",
    openapi_extra=REQUEST_BODY,
    response_model=AudioObject | EstimateObject,
    responses=creation_errors(IDEMPOTENCY),
)
async def post_audio(
    request: Request,
    uploads: RequestUploads,
    workspace: Workspace,
    components: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JobObject | EstimateObject:
    """Create an audio file. It is made in the background: poll it, or follow its events. With `dry_run`,
    no job is created, and the answer is the estimate."""
    body = AudioRequest.model_validate(await read_body(request, uploads, FIELDS))
    return await create_and_show(components, "audio", workspace, body, idempotency_key)


@router.post("/estimate", openapi_extra=REQUEST_BODY, responses=creation_errors())
async def estimate_audio(
    request: Request, uploads: RequestUploads, workspace: Workspace, components: Wired
) -> EstimateObject:
    """Show what an audio file would run if it were created now: each stage, whether its result is known, and
    how long it would take. No job is created. The body is that of `POST /v1/audio/jobs`."""
    body = AudioRequest.model_validate(await read_body(request, uploads, FIELDS))
    return await estimate_job(components, "audio", workspace, body)


@router.post(
    "/{job_id}/remix",
    openapi_extra=REMIX_BODY,
    response_model=AudioObject | EstimateObject,
    responses=creation_errors(IDEMPOTENCY, REMIX),
)
async def remix_audio(
    job: FoundJob,
    request: Request,
    uploads: RequestUploads,
    components: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JobObject | EstimateObject:
    """Create the audio again with changes. Stages that the changes do not affect come from the cache."""
    body = AudioRequest.model_validate(await read_remix(request, uploads, job, FIELDS))
    workspace, job_id = job.record.workspace_id, job.record.id
    return await create_and_show(components, "audio", workspace, body, idempotency_key, remixed_from=job_id)


add_job_routes(router, AudioObject, AudioList)
