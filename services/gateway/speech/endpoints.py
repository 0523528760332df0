"""`POST /v1/audio/speech`: speech in the shape of OpenAI's API."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.speech.declared import CLONED, SERVICES, SPEECH, audio
from services.gateway.speech.formats import OPENAI_FORMATS
from services.gateway.speech.schemas import SpeechRequest
from services.gateway.speech.slots import HOLDS_SLOT, LIMITED
from services.gateway.speech.streams import as_bytes, as_events
from services.gateway.speech.synthesis import SynthesisRequest, speak

router = APIRouter(prefix="/v1/audio", tags=["speech"], dependencies=REQUIRES_KEY, route_class=GuardedRoute)


@router.post(
    "/speech",
    response_class=StreamingResponse,
    responses=audio(OPENAI_FORMATS.values(), "text/event-stream")
    | errors(SPEECH, CLONED, SERVICES, LIMITED, {422: "input_too_long"}),
    dependencies=HOLDS_SLOT,
)
async def create_speech(
    request: Request, body: SpeechRequest, workspace: Workspace, components: Wired
) -> StreamingResponse:
    """Stream speech: the first bytes are sent before the last word is spoken, unless there are effects."""
    chunks = await while_connected(request, speak(components, workspace, synthesis_request(body)))
    target = OPENAI_FORMATS[body.response_format]
    if body.stream_format == "sse":
        events = as_events(chunks, target, len(body.input))
        return StreamingResponse(events, media_type="text/event-stream")
    return StreamingResponse(as_bytes(chunks, target), media_type=target.media_type)


def synthesis_request(body: SpeechRequest) -> SynthesisRequest:
    return SynthesisRequest(
        text=body.input,
        voice=body.voice,
        model=body.model,
        speed=body.speed,
        pitch_semitones=body.pitch_semitones,
        ssml=body.ssml,
        markup=body.markup,
        emotion=body.emotion,
        effects=body.effects or (),
    )
