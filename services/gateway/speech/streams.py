"""Turns speech into the bytes of a streamed response."""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial

from fastapi.sse import format_sse_event
from pydantic import BaseModel

from services.chassis.errors import LikenessError
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.encoding import SpeechEncoder, build_encoder
from services.gateway.speech.formats import AudioTarget
from services.gateway.speech.schemas import (
    SpeechDeltaEvent,
    SpeechDoneEvent,
    SpeechError,
    SpeechErrorEvent,
    SpeechTimingEvent,
    SpeechUsage,
)

SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class EncodedChunk:
    """The next bytes of the file, and the speech that they were encoded with; the last bytes have none."""

    data: bytes
    spoken: SpokenChunk | None


async def encoded(
    chunks: AsyncGenerator[SpokenChunk], target: AudioTarget
) -> AsyncGenerator[EncodedChunk, None]:
    """Yields the file's bytes as the speech is spoken. Closes `chunks` in the end."""
    encoder: SpeechEncoder | None = None
    async with aclosing(chunks):
        async for chunk in chunks:
            encoder = encoder or build_encoder(target, chunk.sample_rate)
            parts = [await in_turn(partial(encoder.encode, part)) for part in parts_of(chunk)]
            yield EncodedChunk(b"".join(parts), chunk)
    if encoder is not None:
        yield EncodedChunk(await in_turn(encoder.finish), None)


def parts_of(chunk: SpokenChunk) -> Iterator[bytes]:
    """Yields the samples of a chunk, a second at a time; nothing for a chunk without samples."""
    size = chunk.sample_rate * SAMPLE_BYTES
    return (chunk.pcm[start : start + size] for start in range(0, len(chunk.pcm), size))


async def in_turn(encode: Callable[[], bytes]) -> bytes:
    """Returns what `encode` returns, from the thread that encodes for all responses.

    An encoder takes Python's lock for each of many frames: with several threads of encoders, the event loop
    would wait for it again and again.
    """
    return await asyncio.get_running_loop().run_in_executor(_encoding(), copy_context().run, encode)


@cache
def _encoding() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="encoding")


async def as_bytes(chunks: AsyncGenerator[SpokenChunk], target: AudioTarget) -> AsyncIterator[bytes]:
    """Yields the bytes of the file that are not empty."""
    async with aclosing(encoded(chunks, target)) as pieces:
        async for piece in pieces:
            if piece.data:
                yield piece.data


async def as_events(
    chunks: AsyncGenerator[SpokenChunk], target: AudioTarget, characters: int
) -> AsyncIterator[bytes]:
    """Yields server-sent events as OpenAI's API sends them, with the times of words and phonemes between
    them."""
    seconds = 0.0
    try:
        async with aclosing(encoded(chunks, target)) as pieces:
            async for piece in pieces:
                seconds += piece.spoken.seconds if piece.spoken else 0.0
                for event in events_of(piece):
                    yield event_bytes(event)
    except LikenessError as exc:  # the response has begun: its status cannot change
        yield event_bytes(SpeechErrorEvent(error=SpeechError(code=exc.reason.value, message=exc.message)))
        return
    usage = SpeechUsage(input_tokens=characters, total_tokens=characters, seconds=round(seconds, 3))
    yield event_bytes(SpeechDoneEvent(usage=usage))


def events_of(piece: EncodedChunk) -> Iterator[BaseModel]:
    if piece.spoken is not None and (piece.spoken.words or piece.spoken.phonemes):
        yield SpeechTimingEvent.of(piece.spoken)
    if piece.data:
        yield SpeechDeltaEvent(audio=base64.b64encode(piece.data).decode())


def event_bytes(event: BaseModel) -> bytes:
    return format_sse_event(data_str=event.model_dump_json())
