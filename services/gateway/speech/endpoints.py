"""`POST /v1/audio/speech`: the shape of the `openai` client's speech."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.speech.formats import OPENAI_FORMATS
from services.gateway.speech.schemas import SpeechRequest
from services.gateway.speech.streams import as_bytes, as_events
from services.gateway.speech.synthesis import Wish, speak

router = APIRouter(prefix="/v1/audio", tags=["speech"], dependencies=REQUIRES_KEY, route_class=GuardedRoute)


@router.post("/speech", response_class=StreamingResponse)
async def create_speech(body: SpeechRequest, workspace: Workspace, components: Wired) -> StreamingResponse:
    """Speech as a stream: the first bytes leave before the last word is spoken, unless there are effects."""
    chunks = await speak(components, workspace, wish_of(body))
    target = OPENAI_FORMATS[body.response_format]
    if body.stream_format == "sse":
        events = as_events(chunks, target, len(body.input))
        return StreamingResponse(events, media_type="text/event-stream")
    return StreamingResponse(as_bytes(chunks, target), media_type=target.media_type)


def wish_of(body: SpeechRequest) -> Wish:
    return Wish(
        text=body.input,
        voice=body.voice,
        model=body.model,
        speed=body.speed,
        pitch_semitones=body.pitch_semitones,
        ssml=body.ssml,
        emotion=body.emotion,
        effects=body.effects or (),
    )
