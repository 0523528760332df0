"""`POST /v1/audio/speech`: the shape of the `openai` client's speech."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, field_validator

from likeness.tts.v1.tts_pb2 import SynthesisTask, SynthesizeResponse
from services.chassis.errors import InvalidArgument
from services.gateway.accounts.authentication import REQUIRES_KEY, Workspace
from services.gateway.accounts.guarded_route import GuardedRoute
from services.gateway.components import Components, Wired
from services.gateway.engines.limits import check_speech
from services.gateway.errors import invalid
from services.gateway.speech.encoding import MEDIA_TYPES, AudioFormat, build_encoder

router = APIRouter(prefix="/v1/audio", tags=["speech"], dependencies=REQUIRES_KEY, route_class=GuardedRoute)


class SpeechRequest(BaseModel):
    input: str = Field(min_length=1, description="What is said.")
    model: str | None = Field(default=None, description="A TTS engine of GET /v1/models.")
    voice: str | None = Field(default=None, description="An id of GET /v1/voices.")
    response_format: AudioFormat = "mp3"
    speed: float = Field(default=1.0, ge=0.25, le=4.0)
    pitch_semitones: float = Field(default=0.0, ge=-24, le=24)
    ssml: bool = False

    @field_validator("voice", mode="before")
    @classmethod
    def by_id(cls, value: Any) -> Any:
        """The `openai` client also sends `{"id": …}`."""
        return cast(dict[str, Any], value).get("id") if isinstance(value, dict) else value


@router.post("/speech", response_class=StreamingResponse)
async def create_speech(body: SpeechRequest, workspace: Workspace, components: Wired) -> StreamingResponse:
    """Speech as a stream: the first bytes leave before the last word is spoken."""
    responses = synthesize(components, body)
    try:
        first = await anext(responses)
    except StopAsyncIteration:
        raise InvalidArgument("This text gives no sound. Write something that can be spoken.") from None
    return StreamingResponse(
        encode(first, responses, body.response_format), media_type=MEDIA_TYPES[body.response_format]
    )


def synthesize(components: Components, body: SpeechRequest) -> AsyncGenerator[SynthesizeResponse, None]:
    catalogue = components.catalogue
    model = catalogue.engine("tts", body.model, "model") if body.model else None
    engine, voice = catalogue.voice(body.voice, model, "voice")
    limit = min(filter(None, (components.settings.max_script_characters, engine.limits.max_characters)))
    if len(body.input) > limit:
        message = f"The input has {len(body.input)} characters; the limit is {limit}. Send it in parts."
        raise invalid("input_too_long", message, "input")
    check_speech(engine, body.speed, body.pitch_semitones)
    task = SynthesisTask(
        text=body.input,
        voice=voice.id,
        speed=body.speed,
        pitch_semitones=body.pitch_semitones,
        ssml=body.ssml,
    )
    return components.speech.synthesize(engine.name, task)


async def encode(
    first: SynthesizeResponse, rest: AsyncGenerator[SynthesizeResponse, None], audio_format: AudioFormat
) -> AsyncIterator[bytes]:
    encoder = build_encoder(audio_format, first.sample_rate)
    if data := await asyncio.to_thread(encoder.encode, first.pcm):
        yield data
    async with aclosing(rest) as responses:
        async for response in responses:
            if data := await asyncio.to_thread(encoder.encode, response.pcm):
                yield data
    yield await asyncio.to_thread(encoder.finish)
