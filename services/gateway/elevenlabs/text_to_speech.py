"""`POST /v1/text-to-speech/{voice_id}`: speech in the shapes of ElevenLabs' API."""

import base64
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from services.gateway.components import Wired
from services.gateway.elevenlabs.schemas import (
    AudioWithTimestamps,
    CharacterAlignment,
    Target,
    TextToSpeechRequest,
)
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import Responses, errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.speech.alignment import CharacterAligner, CharacterTimes, joined
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.declared import CLONED, SERVICES, SPEECH, audio
from services.gateway.speech.formats import ELEVENLABS_FORMATS, AudioTarget
from services.gateway.speech.slots import LIMITED, Slot
from services.gateway.speech.streams import as_bytes, encoded
from services.gateway.speech.synthesis import SynthesisRequest, speak

router = APIRouter(
    prefix="/v1/text-to-speech", tags=["elevenlabs"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)
FIELDS = ("text", "voice_id", "model_id")
"""Names of text, voice and model in refusals."""
AUDIO = audio(ELEVENLABS_FORMATS.values())
TIMED: Responses = {
    200: {"description": "`AudioWithTimestamps`, one a line.", "content": {"application/json": {}}}
}
ERRORS = errors(SPEECH, CLONED, SERVICES, LIMITED, {422: ("text_too_long", "output_format_unknown")})


async def speech_of(
    request: Request,
    voice_id: str,
    body: TextToSpeechRequest,
    workspace: Workspace,
    components: Wired,
    slot: Slot,
) -> AsyncGenerator[SpokenChunk]:
    """Returns the speech of the request as it is spoken. Raises `ApiError` before it begins."""
    settings = body.voice_settings
    wanted = SynthesisRequest(
        text=body.text,
        voice=voice_id,
        model=body.model_id,
        speed=settings.speed if settings else 1.0,
        ssml=body.ssml,
        markup=body.markup,
        emotion=body.emotion,
        effects=body.effects or (),
        fields=FIELDS,
    )
    return await while_connected(request, speak(components, workspace, wanted))


Speech = Annotated[AsyncGenerator[SpokenChunk], Depends(speech_of)]


@router.post("/{voice_id}", response_class=StreamingResponse, responses=AUDIO | ERRORS)
@router.post("/{voice_id}/stream", response_class=StreamingResponse, responses=AUDIO | ERRORS)
async def text_to_speech(target: Target, speech: Speech) -> StreamingResponse:
    """Stream speech, on either path: the first bytes are sent before the last word is spoken."""
    return StreamingResponse(as_bytes(speech, target), media_type=target.media_type)


@router.post("/{voice_id}/with-timestamps", responses=ERRORS)
async def text_to_speech_with_timestamps(
    request: Request, body: TextToSpeechRequest, target: Target, speech: Speech
) -> AudioWithTimestamps:
    """Get the whole speech, and the times of each character of the text."""
    pieces = await while_connected(request, all_with_times(body.text, speech, target))
    return response_of(b"".join(data for data, _ in pieces), joined([times for _, times in pieces]))


@router.post(
    "/{voice_id}/stream/with-timestamps",
    response_class=StreamingResponse,
    responses=TIMED | ERRORS,
)
async def stream_with_timestamps(
    body: TextToSpeechRequest, target: Target, speech: Speech
) -> StreamingResponse:
    """Stream speech and times as JSON objects, one a line; times count from the start of the speech."""
    return StreamingResponse(as_json_lines(body.text, speech, target), media_type="application/json")


async def as_json_lines(
    text: str, speech: AsyncGenerator[SpokenChunk], target: AudioTarget
) -> AsyncIterator[str]:
    """Yields lines of JSON, each with a piece of the audio and the times of its characters."""
    async with aclosing(with_times(text, speech, target)) as pieces:
        async for data, times in pieces:
            if data or times.characters:
                yield response_of(data, times).model_dump_json() + "\n"


async def all_with_times(
    text: str, speech: AsyncGenerator[SpokenChunk], target: AudioTarget
) -> list[tuple[bytes, CharacterTimes]]:
    async with aclosing(with_times(text, speech, target)) as pieces:
        return [piece async for piece in pieces]


async def with_times(
    text: str, speech: AsyncGenerator[SpokenChunk], target: AudioTarget
) -> AsyncGenerator[tuple[bytes, CharacterTimes]]:
    """Yields pieces of the audio file, each with the times of the characters spoken in it."""
    aligner, seconds = CharacterAligner(text), 0.0
    async with aclosing(encoded(speech, target)) as pieces:
        async for piece in pieces:
            spoken = piece.spoken
            if spoken is None:
                yield piece.data, aligner.finish(seconds)
            else:
                seconds += spoken.seconds
                yield piece.data, aligner.align(spoken.words, spoken.phonemes)


def response_of(data: bytes, times: CharacterTimes) -> AudioWithTimestamps:
    alignment = CharacterAlignment.of(times)
    return AudioWithTimestamps(
        audio_base64=base64.b64encode(data).decode(), alignment=alignment, normalized_alignment=alignment
    )
