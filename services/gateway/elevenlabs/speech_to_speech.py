"""`POST /v1/speech-to-speech/{voice_id}`: a recording in another voice, in the shape of ElevenLabs' API."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import Json

from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.storage import Artifact
from services.chassis.text.quoted import quoted
from services.gateway.assets import repository as assets
from services.gateway.assets.errors import UPLOAD
from services.gateway.components import Components, Wired
from services.gateway.elevenlabs.schemas import Target, VoiceSettings
from services.gateway.engines.catalogue import CONVERT
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.errors import invalid
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.http.inspection_errors import refusals_name
from services.gateway.speech.conversion import (
    VoiceChange,
    convert,
    play,
    store_speech,
)
from services.gateway.speech.declared import SERVICES, audio
from services.gateway.speech.formats import ELEVENLABS_FORMATS
from services.gateway.speech.recordings import take_recording
from services.gateway.speech.slots import LIMITED, Slot
from services.gateway.speech.streams import as_bytes
from services.gateway.speech.synthesis import SynthesisRequest, speak

router = APIRouter(prefix="/v1", tags=["elevenlabs"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
ASSET_PREFIX = "asset_"
RESPONSES = audio(ELEVENLABS_FORMATS.values()) | errors(
    UPLOAD,
    SERVICES,
    LIMITED,
    {
        422: (
            "voice_unknown",
            "engine_unknown",
            "engine_unsuitable",
            "audio_wrong_kind",
            "output_format_unknown",
        )
    },
)
SAMPLE = (
    "When the sunlight strikes raindrops in the air, they act as a prism and form a rainbow. "
    "The rainbow is a division of white light into many beautiful colours."
)
"""Text that a preset voice speaks to give the voice service a recording of it."""


@router.post("/speech-to-speech/{voice_id}", response_class=StreamingResponse, responses=RESPONSES)
@router.post("/speech-to-speech/{voice_id}/stream", response_class=StreamingResponse, responses=RESPONSES)
@router.post("/voice-changer/{voice_id}", response_class=StreamingResponse, responses=RESPONSES)
@router.post("/voice-changer/{voice_id}/stream", response_class=StreamingResponse, responses=RESPONSES)
async def speech_to_speech(
    request: Request,
    voice_id: str,
    workspace: Workspace,
    components: Wired,
    target: Target,
    slot: Slot,
    audio: Annotated[UploadFile, File(description="The recording to convert.")],
    voice_settings: Annotated[
        Json[VoiceSettings] | None, Form(description='As JSON, such as `{"similarity_boost": 0.8}`.')
    ] = None,
    model_id: Annotated[str | None, Form(description="A voice engine of GET /v1/engines.")] = None,
    file_format: Annotated[str, Form(description="pcm_s16le_16: raw mono samples at 16 kHz.")] = "other",
) -> StreamingResponse:
    """Convert the recording to the voice `voice_id`: a voice of GET /v1/voices, or an audio asset.

    The recording is converted as a whole; the stream begins when that is done. Newer clients call it
    `voice-changer`.
    """
    engine = components.catalogue.voice_engine(CONVERT, model_id, "model_id")
    strength = (voice_settings or VoiceSettings()).similarity_boost
    task = ConversionTask(formant_scale=1.0, strength=strength)

    async def converted() -> dict[str, Artifact]:
        change = VoiceChange(engine, task, await recording_of(components, workspace, voice_id))
        speech = await take_recording(
            components, workspace, audio, "audio", raw=file_format == "pcm_s16le_16"
        )
        with refusals_name("voice_id", "reference_invalid"):
            return await convert(components, workspace, change, {"speech": speech})

    changed = await while_connected(request, converted())
    return StreamingResponse(as_bytes(play(components, changed), target), media_type=target.media_type)


async def recording_of(components: Components, workspace: str, voice_id: str) -> Artifact:
    """Returns a recording of the voice. Raises `ApiError` for an unknown voice."""
    if not voice_id.startswith(ASSET_PREFIX):
        _, voice = components.catalogue.voice(voice_id, None, "voice_id")
        sample = await speak(components, workspace, SynthesisRequest(SAMPLE, voice_id))
        return (await store_speech(components, workspace, sample, voice.language))["speech"]
    async with components.pool.acquire() as connection:
        found = (await assets.find(connection, workspace, [voice_id])).get(voice_id)
    if found is None or found.media.kind != "audio":
        message = (
            f"There is no recording {quoted(voice_id)} in this workspace. Upload it with POST /v1/assets."
        )
        raise invalid("voice_unknown", message, "voice_id")
    return found.artifact
