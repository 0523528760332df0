"""`POST /v1/voices/add`: a cloned voice, in the shape of ElevenLabs' API."""

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.gateway.assets.errors import UPLOAD
from services.gateway.cloned_voices.endpoints import CLONING
from services.gateway.cloned_voices.requests import VoiceRequest
from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.errors import ApiError, invalid, not_found, renamed
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.intake.create_job import create_job
from services.gateway.intake.uploads import RequestUploads
from services.gateway.voices.cloned import KIND
from services.gateway.voices.waiting import until_made

router = APIRouter(prefix="/v1", tags=["elevenlabs"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
CONSENT = "consent"
"""Name of a label that holds the statement of consent: the clients' own call has no other place for it."""
LABELS = TypeAdapter(dict[str, str] | None)


class AddedVoice(BaseModel):
    voice_id: str
    requires_verification: Literal[False] = False


@router.post(
    "/voices/add",
    responses=errors(UPLOAD, CLONING, {404: "voice_not_found", 422: ("voice_failed", "invalid_request")}),
)
async def add_voice(
    request: Request,
    uploads: RequestUploads,
    workspace: Workspace,
    components: Wired,
    name: Annotated[str, Form(min_length=1, max_length=200, description="What you call the voice.")],
    files: Annotated[list[UploadFile], File(description="Recordings of one person.")],
    description: Annotated[str | None, Form(max_length=1000, description="Shown with the voice.")] = None,
    labels: Annotated[
        str | None, Form(description='As JSON, such as `{"accent": "British", "consent": "…"}`.')
    ] = None,
    remove_background_noise: Annotated[
        bool, Form(description="Accepted and ignored: recordings are always cleaned.")
    ] = False,
    consent: Annotated[
        str | None,
        Form(max_length=2000, description="Who has agreed to what, and when; or the label `consent`."),
    ] = None,
) -> AddedVoice:
    """Make a voice of recordings. The response comes when the voice speaks, after about a minute; if it takes
    longer than three, the voice is still being made."""
    given = read_labels(labels)
    statement = consent or given.pop(CONSENT, None)
    references = [await uploads.take(file, sound_only=True) for file in files]
    wanted = VoiceRequest(
        name=name,
        references=references,
        consent=statement,
        description=description,
        labels=given or None,
        language=given.get("language"),
    )
    try:
        job = await create_job(components, KIND, workspace, wanted)
    except ApiError as exc:
        raise renamed(exc, field_of) from exc
    uploads.keep()
    made = await while_connected(request, until_made(components, workspace, job.record.id))
    if made is None:
        raise not_found("voice", job.record.id)
    if made.status.terminal:
        made.ready("files")
    return AddedVoice(voice_id=made.id)


def field_of(param: str | None) -> str | None:
    """Returns the form's field for a field of the request that is made of it."""
    return "files" if param is not None and param.startswith("references") else param


def read_labels(text: str | None) -> dict[str, str]:
    """Returns the labels. Raises a 422 for what is no JSON object of texts."""
    try:
        return LABELS.validate_json(text or "null") or {}
    except ValidationError as exc:
        message = 'labels is no JSON object of texts, such as {"accent": "British"}.'
        raise invalid("invalid_request", message, "labels") from exc
