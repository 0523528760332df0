"""Transcribes uploaded recordings with the voice service, for responses that wait for the text."""

from dataclasses import dataclass
from functools import partial

from fastapi import UploadFile

from likeness.voice.v1.voice_pb2 import ConversionTask, Transcription
from services.chassis.aio import off_loop
from services.chassis.contracts.transcript import transcript_from_json
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.transcript import Transcript
from services.chassis.text.quoted import quoted
from services.gateway.assets.errors import UPLOAD
from services.gateway.components import Components
from services.gateway.engines.catalogue import TRANSCRIBE
from services.gateway.http.declared import Codes
from services.gateway.http.errors import invalid
from services.gateway.speech.conversion import VoiceChange, convert
from services.gateway.speech.declared import SERVICES
from services.gateway.speech.recordings import take_recording
from services.gateway.speech.slots import LIMITED

FAILURES: tuple[Codes, ...] = (
    UPLOAD,
    SERVICES,
    LIMITED,
    {422: ("engine_unknown", "engine_unsuitable", "language_unknown", "audio_wrong_kind")},
)
"""Errors of endpoints that transcribe."""


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """A recording to transcribe. `model` is an engine's name, `raw` is as in `take_recording`;
    `fields` are the names of recording, model and language in refusals."""

    recording: UploadFile
    model: str | None = None
    language: str = ""
    prompt: str = ""
    raw: bool = False
    fields: tuple[str, str, str] = ("file", "model", "language")


async def transcribe(components: Components, workspace: str, request: TranscriptionRequest) -> Transcript:
    """Returns the transcript. Raises `ApiError` for a request that no engine can carry out, and
    `AssetRefused` for a file that is no recording."""
    _, model_field, language_field = request.fields
    engine = components.catalogue.voice_engine(TRANSCRIBE, request.model, model_field)
    check_heard(engine, request.language, language_field)
    with components.transcription_slots.taken(workspace):
        return await _heard(components, workspace, request, engine)


async def _heard(
    components: Components, workspace: str, request: TranscriptionRequest, engine: EngineSpec
) -> Transcript:
    limits = (components.settings.max_transcription_seconds, engine.limits.max_seconds)
    recording = await take_recording(
        components,
        workspace,
        request.recording,
        request.fields[0],
        raw=request.raw,
        max_seconds=min(filter(None, limits)),
    )
    task = ConversionTask(transcription=Transcription(language=request.language, prompt=request.prompt))
    outputs = await convert(components, workspace, VoiceChange(engine, task), {"speech": recording})
    data = await components.store.read(outputs["transcript"].key)
    return await off_loop(partial(transcript_from_json, data), len(data))


def check_heard(engine: EngineSpec, language: str, param: str) -> None:
    """Raises a 422 for a language that the engine does not hear; `language` is a BCP 47 tag, or empty."""
    heard = [each.lower().partition("-")[0] for each in engine.languages]
    if not language or not heard or language.lower().replace("_", "-").partition("-")[0] in heard:
        return
    message = (
        f"The engine {engine.name} hears {', '.join(heard)}, not {quoted(language)}. Name an engine of "
        "GET /v1/engines that lists the language as the model; a plug-in with the operation transcribe "
        "brings one."
    )
    raise invalid("language_unknown", message, param)
