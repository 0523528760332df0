"""Speech as server-sent events: audio, times of words, and the end."""

import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest

from services.chassis.engine_api.timeline import Stress, TimedPhoneme, TimedWord
from services.chassis.errors import EngineCrashed
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.formats import OPENAI_FORMATS
from services.gateway.speech.streams import as_bytes, as_events

RATE = 24_000
HALF_SECOND = b"\x00\x01" * (RATE // 2)
HELLO = SpokenChunk(
    HALF_SECOND,
    RATE,
    (TimedWord("Hello", 0.1, 0.4),),
    (TimedPhoneme("h", 0.1, 0.2), TimedPhoneme("ə", 0.2, 0.4, Stress.PRIMARY)),
)
PAUSE = SpokenChunk(HALF_SECOND, RATE)


async def spoken(*chunks: SpokenChunk, error: Exception | None = None) -> AsyncGenerator[SpokenChunk]:
    for chunk in chunks:
        yield chunk
    if error is not None:
        raise error


async def told(events: AsyncIterator[bytes]) -> list[dict[str, Any]]:
    lines = [line async for data in events for line in data.decode().splitlines() if line]
    assert all(line.startswith("data: ") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


async def test_times_precede_their_audio():
    events = await told(as_events(spoken(HELLO, PAUSE), OPENAI_FORMATS["pcm"], 5))
    kinds = [event["type"].removeprefix("speech.audio.") for event in events]
    assert kinds == ["timing", "delta", "delta", "done"]
    assert events[0]["words"] == [{"word": "Hello", "start": 0.1, "end": 0.4}]
    assert events[0]["phonemes"][1] == {"phoneme": "ə", "start": 0.2, "end": 0.4, "stress": "primary"}
    assert events[-1]["usage"] == {"input_tokens": 5, "output_tokens": 0, "total_tokens": 5, "seconds": 1.0}


@pytest.mark.parametrize("name", ["pcm", "mp3"])
async def test_the_audio_is_the_same_as_without_events(name: Any):
    target = OPENAI_FORMATS[name]
    plain = b"".join([data async for data in as_bytes(spoken(HELLO, PAUSE), target)])
    events = await told(as_events(spoken(HELLO, PAUSE), target, 5))
    deltas = [event["audio"] for event in events if event["type"] == "speech.audio.delta"]
    assert b"".join(map(base64.b64decode, deltas)) == plain
    assert len(plain) > 0


async def test_a_failure_after_the_start_is_sent_as_an_event():
    error = EngineCrashed("It crashed.")
    events = await told(as_events(spoken(HELLO, error=error), OPENAI_FORMATS["pcm"], 5))
    assert events[-1] == {"type": "error", "error": {"code": "engine_crashed", "message": "It crashed."}}
