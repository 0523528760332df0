"""Conversion of timelines to protobuf and JSON, and back."""

import json

import pytest

from services.chassis.contracts.timeline import (
    timeline_from_json,
    timeline_from_proto,
    timeline_to_json,
    timeline_to_proto,
)
from services.chassis.engine_api.timeline import (
    Emotion,
    SpeechTimeline,
    Stress,
    TimedEmotion,
    TimedPhoneme,
    TimedWord,
)
from services.chassis.errors import MediaUnreadable

TIMELINE = SpeechTimeline(
    duration=1.25,
    language="de-DE",
    words=(TimedWord("Grüße", 0.0, 0.5), TimedWord("dich", 0.6, 1.2)),
    phonemes=(
        TimedPhoneme("ɡ", 0.0, 0.1),
        TimedPhoneme("yː", 0.1, 0.3, Stress.PRIMARY),
        TimedPhoneme("ə", 0.3, 0.5, Stress.SECONDARY),
    ),
    emotions=(TimedEmotion(Emotion.HAPPY, 0.6, 1.2),),
    confidence=0.5,
)


def test_a_timeline_survives_a_round_trip() -> None:
    assert timeline_from_proto(timeline_to_proto(TIMELINE)) == TIMELINE
    assert timeline_from_json(timeline_to_json(TIMELINE)) == TIMELINE


def test_the_json_has_the_contracts_names() -> None:
    document = json.loads(timeline_to_json(TIMELINE))
    assert document["duration_seconds"] == 1.25
    assert document["words"][1] == {"text": "dich", "start_seconds": 0.6, "end_seconds": 1.2}
    assert document["phonemes"][1]["stress"] == "STRESS_PRIMARY"


def test_a_timeline_without_confidence_is_exact() -> None:
    assert "confidence" not in json.loads(timeline_to_json(SpeechTimeline(duration=2.0)))
    assert timeline_from_json(b'{"duration_seconds": 2}').confidence == 1.0


def test_a_scaled_timeline_keeps_all_but_its_times() -> None:
    longer = TIMELINE.scaled(2.0)
    assert (longer.duration, longer.language, longer.confidence) == (2.5, "de-DE", 0.5)
    assert [(word.start, word.end) for word in longer.words] == [(0.0, 1.0), (1.2, 2.4)]
    assert longer.emotions == (TimedEmotion(Emotion.HAPPY, 1.2, 2.4),)


def test_fields_of_a_newer_contract_are_ignored() -> None:
    assert timeline_from_json(b'{"duration_seconds": 2, "mood": "calm"}') == SpeechTimeline(duration=2.0)


def test_an_emotion_of_a_newer_contract_is_neutral() -> None:
    document = b'{"emotions": [{"emotion": "smug", "start_seconds": 1, "end_seconds": 2}]}'
    assert timeline_from_json(document).emotions == (TimedEmotion(Emotion.NEUTRAL, 1.0, 2.0),)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"[]", b'{"words": 3}', b"\xff\xfe"])
def test_anything_else_is_unreadable(data: bytes) -> None:
    with pytest.raises(MediaUnreadable):
        timeline_from_json(data)
