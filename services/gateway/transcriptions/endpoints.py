"""`POST /v1/audio/transcriptions`: recordings become text, in the shape of OpenAI's API."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import PlainTextResponse

from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.errors import invalid
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.speech.slots import Slot
from services.gateway.transcriptions.formats import (
    CAPTIONS,
    Granularity,
    TranscriptionObject,
    VerboseTranscriptionObject,
    brief,
    verbose,
)
from services.gateway.transcriptions.recognition import FAILURES, TranscriptionRequest, transcribe

router = APIRouter(prefix="/v1/audio", tags=["speech"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
ALIASES = frozenset({"whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"})
"""OpenAI's names of models, each of which stands for the default engine."""
MAX_PROMPT_CHARACTERS = 4000
TEXT: dict[str, Any] = {"schema": {"type": "string"}}
RESPONSES = {
    200: {
        "description": "The transcript.",
        "content": {media_type: TEXT for _, media_type in CAPTIONS.values()},
    }
} | errors(*FAILURES, {422: "stream_unsupported"})


@router.post(
    "/transcriptions",
    response_model=VerboseTranscriptionObject | TranscriptionObject,
    response_model_exclude_none=True,
    responses=RESPONSES,
)
async def create_transcription(
    request: Request,
    workspace: Workspace,
    components: Wired,
    slot: Slot,
    file: Annotated[UploadFile, File(description="The recording.")],
    model: Annotated[
        str | None,
        Form(description="A voice engine of GET /v1/engines, or a name of OpenAI's, such as `whisper-1`."),
    ] = None,
    language: Annotated[
        str,
        Form(max_length=35, description="BCP 47 tag of the speech, such as en; English if it is left out."),
    ] = "",
    prompt: Annotated[
        str,
        Form(
            max_length=MAX_PROMPT_CHARACTERS,
            description="Text that might come before: names in it are spelt like that.",
        ),
    ] = "",
    response_format: Annotated[
        Literal["json", "text", "srt", "verbose_json", "vtt"], Form(description="The form of the transcript.")
    ] = "json",
    timestamp_granularities: Annotated[
        list[Granularity],
        Form(alias="timestamp_granularities[]", description="What has times in `verbose_json`."),
    ] = ["segment"],  # noqa: B006 - FastAPI copies it
    temperature: Annotated[float, Form(ge=0, le=1, description="Accepted and ignored.")] = 0.0,
    stream: Annotated[bool, Form(description="Only false: the transcript comes as a whole.")] = False,
) -> Response | TranscriptionObject:
    """Transcribe a recording. The response comes when all of it has been heard."""
    if stream:
        raise invalid(
            "stream_unsupported",
            "The transcript comes as a whole. Leave stream out, or send false.",
            "stream",
        )
    wanted = TranscriptionRequest(file, None if model in ALIASES else model, language, prompt)
    transcript = await while_connected(request, transcribe(components, workspace, wanted))
    if response_format in CAPTIONS:
        write, media_type = CAPTIONS[response_format]
        return PlainTextResponse(write(transcript), media_type=media_type)
    return (
        verbose(transcript, timestamp_granularities)
        if response_format == "verbose_json"
        else brief(transcript)
    )
