"""Clips of the lips' videos, and what is read from the events of speech."""

import json
from collections import Counter

import pytest

from benchmarks.media.clips import NEURAL_CLIPS, build_clips
from benchmarks.media.lips import phonemes_of_events
from services.chassis.engine_api.timeline import TimedPhoneme
from services.tts.engines.kokoro.voices import LANGUAGES

TIMING = {
    "type": "speech.audio.timing",
    "words": [],
    "phonemes": [{"phoneme": "aɪ", "start": 0.1, "end": 0.25, "stress": "primary"}],
}
DELTA = {"type": "speech.audio.delta", "audio": "AAAA"}


def events(*messages: object) -> str:
    return "".join(f"data: {json.dumps(message)}\n\n" for message in messages)


def test_every_language_of_kokoro_has_clips_of_its_own() -> None:
    clips = build_clips(["kokoro"])
    counts = Counter(clip.language for clip in clips)
    assert counts == {language.tag: NEURAL_CLIPS for language in LANGUAGES.values()}
    for clip in clips:
        assert LANGUAGES[clip.voice[0]].tag == clip.language


def test_clips_are_those_of_the_given_engines() -> None:
    assert {clip.engine for clip in build_clips(["hibari", "espeak"])} == {"espeak", "hibari"}
    assert build_clips([]) == ()


def test_no_clip_is_there_twice() -> None:
    clips = build_clips(["espeak", "hibari", "kokoro"])
    assert len(set(clips)) == len(clips)


def test_phonemes_are_read_from_the_events_of_speech() -> None:
    later = {**TIMING, "phonemes": [{"phoneme": "m", "start": 0.25, "end": 0.3, "stress": "none"}]}
    assert phonemes_of_events(events(TIMING, DELTA, later)) == [
        TimedPhoneme("aɪ", 0.1, 0.25),
        TimedPhoneme("m", 0.25, 0.3),
    ]


def test_an_error_among_the_events_is_raised() -> None:
    failure = {"type": "error", "error": {"code": "engine_failed", "message": "the voice broke"}}
    with pytest.raises(RuntimeError, match="the voice broke"):
        phonemes_of_events(events(TIMING, failure))
