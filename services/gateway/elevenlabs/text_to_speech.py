"""`POST /v1/text-to-speech/{voice_id}`: speech in the shapes of ElevenLabs' API."""

import base64
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from services.gateway.components import Wired
from services.gateway.elevenlabs.schemas import (
    AudioWithTimestamps,
    CharacterAlignment,
    Target,
    TextToSpeechRequest,
)
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.speech.alignment import CharacterClock, CharacterTimes, joined
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.formats import AudioTarget
from services.gateway.speech.streams import as_bytes, encoded
from services.gateway.speech.synthesis import Wish, speak

router = APIRouter(
    prefix="/v1/text-to-speech", tags=["elevenlabs"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)
FIELDS = ("text", "voice_id", "model_id")


async def speech_of(
    voice_id: str, body: TextToSpeechRequest, workspace: Workspace, components: Wired
) -> AsyncGenerator[SpokenChunk]:
    settings = body.voice_settings
    wish = Wish(
        text=body.text,
        voice=voice_id,
        model=body.model_id,
        speed=settings.speed if settings else 1.0,
        ssml=body.ssml,
        emotion=body.emotion,
        effects=body.effects or (),
        fields=FIELDS,
    )
    return await speak(components, workspace, wish)


Speech = Annotated[AsyncGenerator[SpokenChunk], Depends(speech_of)]


@router.post("/{voice_id}", response_class=StreamingResponse)
@router.post("/{voice_id}/stream", response_class=StreamingResponse)
async def text_to_speech(target: Target, speech: Speech) -> StreamingResponse:
    """Speech as a stream, on either path: the first bytes leave before the last word is spoken."""
    return StreamingResponse(as_bytes(speech, target), media_type=target.media_type)


@router.post("/{voice_id}/with-timestamps")
async def text_to_speech_with_timestamps(
    body: TextToSpeechRequest, target: Target, speech: Speech
) -> AudioWithTimestamps:
    """The whole speech, and when each character of the text is said."""
    pieces = [piece async for piece in with_times(body.text, speech, target)]
    return answer(b"".join(data for data, _ in pieces), joined([times for _, times in pieces]))


@router.post("/{voice_id}/stream/with-timestamps", response_class=StreamingResponse)
async def stream_with_timestamps(
    body: TextToSpeechRequest, target: Target, speech: Speech
) -> StreamingResponse:
    """The same as it is spoken: JSON objects, one a line, whose times count from the start of the speech."""
    return StreamingResponse(as_lines(body.text, speech, target), media_type="application/json")


async def as_lines(text: str, speech: AsyncGenerator[SpokenChunk], target: AudioTarget) -> AsyncIterator[str]:
    async with aclosing(with_times(text, speech, target)) as pieces:
        async for data, times in pieces:
            if data or times.characters:
                yield answer(data, times).model_dump_json() + "\n"


async def with_times(
    text: str, speech: AsyncGenerator[SpokenChunk], target: AudioTarget
) -> AsyncGenerator[tuple[bytes, CharacterTimes]]:
    clock, seconds = CharacterClock(text), 0.0
    async with aclosing(encoded(speech, target)) as pieces:
        async for piece in pieces:
            spoken = piece.spoken
            if spoken is None:
                yield piece.data, clock.finish(seconds)
            else:
                seconds += spoken.seconds
                yield piece.data, clock.take(spoken.words, spoken.phonemes)


def answer(data: bytes, times: CharacterTimes) -> AudioWithTimestamps:
    alignment = CharacterAlignment.of(times)
    return AudioWithTimestamps(
        audio_base64=base64.b64encode(data).decode(), alignment=alignment, normalized_alignment=alignment
    )
