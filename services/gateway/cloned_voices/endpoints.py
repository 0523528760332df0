"""`/v1/audio/voices`: voices made of recordings, in the shape of OpenAI's API with additional fields."""

from fastapi import APIRouter, Request

from services.gateway.assets.errors import UPLOAD
from services.gateway.cloned_voices.requests import VoiceRequest
from services.gateway.cloned_voices.responses import ClonedVoiceList, ClonedVoiceObject
from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import Codes, errors
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.idempotency.create_once import IDEMPOTENCY, IdempotencyKey
from services.gateway.intake.body_schema import BodyFields, body_schema
from services.gateway.intake.create_job import create_and_show
from services.gateway.intake.declared import READ
from services.gateway.intake.read_request import read_body
from services.gateway.intake.uploads import RequestUploads
from services.gateway.jobs.endpoints import add_job_routes
from services.gateway.jobs.views.estimate import EstimateObject
from services.gateway.jobs.views.objects import JobObject

router = APIRouter(
    prefix="/v1/audio/voices", tags=["voices"], dependencies=REQUIRES_KEY, route_class=UploadRoute
)
FIELDS = BodyFields(
    files={"audio_sample": "audio_sample"}, json=frozenset({"references", "labels", "metadata"})
)
CLONING: Codes = {
    403: ("consent_required", "cloning_refused"),
    422: (
        "asset_not_found",
        "asset_wrong_kind",
        "reference_invalid",
        "engine_unknown",
        "engine_unsuitable",
    ),
    503: "engine_unavailable",
}
"""Errors of requests for voices."""


@router.post(
    "",
    openapi_extra=body_schema(VoiceRequest, FIELDS),
    response_model=ClonedVoiceObject | EstimateObject,
    responses=errors(READ, UPLOAD, CLONING, IDEMPOTENCY),
)
async def post_voice(
    request: Request,
    uploads: RequestUploads,
    workspace: Workspace,
    components: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JobObject | EstimateObject:
    """Make a voice of recordings of one person. It is made in the background, in about a minute: poll it, or
    follow its events. Its id is a voice from the beginning; it speaks once it is completed."""
    body = VoiceRequest.model_validate(await read_body(request, uploads, FIELDS))
    return await create_and_show(components, "voice", workspace, body, idempotency_key)


add_job_routes(router, ClonedVoiceObject, ClonedVoiceList)
