"""Stored speech, which is streamed with the sound and the times of speech that is just being spoken."""

import wave
from pathlib import Path

import numpy as np
import pytest

from services.chassis.engine_api.timeline import (
    Emotion,
    SpeechTimeline,
    TimedEmotion,
    TimedPhoneme,
    TimedWord,
)
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.conversion import append, cut, timeline_of

RATE = 16_000
SAMPLES = np.arange(round(1.2 * RATE), dtype="<i2")
WORDS = (TimedWord("one", 0.1, 0.45), TimedWord("two", 0.5, 0.7), TimedWord("three", 1.0, 1.2))
PHONEMES = tuple(TimedPhoneme("a", word.start, word.end) for word in WORDS)
HAPPY = TimedEmotion(Emotion.HAPPY, 0.0, 1.2)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    with wave.open(str(path), "wb") as file:
        for part in np.array_split(SAMPLES, 3):
            append(file, SpokenChunk(part.tobytes(), RATE))
    return path


def test_each_chunk_has_the_words_that_begin_in_it(stored: Path):
    chunks = list(cut(stored, SpeechTimeline(1.2, "en-US", WORDS, PHONEMES)))
    assert [[word.text for word in chunk.words] for chunk in chunks] == [["one"], ["two"], ["three"]]
    assert b"".join(chunk.pcm for chunk in chunks) == SAMPLES.tobytes()
    assert {chunk.sample_rate for chunk in chunks} == {RATE}


def test_the_timelines_of_the_chunks_add_up_to_the_whole(stored: Path):
    whole = SpeechTimeline(1.2, "en-US", WORDS, PHONEMES)
    assert timeline_of(cut(stored, whole), "en-US") == whole


def test_emotions_are_part_of_the_stored_timeline():
    chunk = SpokenChunk(SAMPLES.tobytes(), RATE, emotions=(HAPPY,))
    assert timeline_of([chunk], "en-US").emotions == (HAPPY,)
