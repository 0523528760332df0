"""Conversion of speech timelines between protobuf messages, JSON and dataclasses."""

from google.protobuf.json_format import MessageToJson, Parse, ParseError

from likeness.jobs.v1 import timeline_pb2
from services.chassis.engine_api.timeline import (
    Emotion,
    SpeechTimeline,
    Stress,
    TimedEmotion,
    TimedPhoneme,
    TimedWord,
)
from services.chassis.errors import MediaUnreadable

TIMELINE_MEDIA_TYPE = "application/vnd.likeness.timeline+json"


def word_to_proto(word: TimedWord) -> timeline_pb2.TimedWord:
    return timeline_pb2.TimedWord(text=word.text, start_seconds=word.start, end_seconds=word.end)


def word_from_proto(word: timeline_pb2.TimedWord) -> TimedWord:
    return TimedWord(text=word.text, start=word.start_seconds, end=word.end_seconds)


def phoneme_to_proto(phoneme: TimedPhoneme) -> timeline_pb2.TimedPhoneme:
    return timeline_pb2.TimedPhoneme(
        ipa=phoneme.ipa,
        start_seconds=phoneme.start,
        end_seconds=phoneme.end,
        stress=timeline_pb2.Stress.Name(phoneme.stress.value),
    )


def phoneme_from_proto(phoneme: timeline_pb2.TimedPhoneme) -> TimedPhoneme:
    return TimedPhoneme(
        ipa=phoneme.ipa,
        start=phoneme.start_seconds,
        end=phoneme.end_seconds,
        stress=Stress(phoneme.stress),
    )


def emotion_to_proto(emotion: TimedEmotion) -> timeline_pb2.TimedEmotion:
    return timeline_pb2.TimedEmotion(
        emotion=emotion.emotion.value, start_seconds=emotion.start, end_seconds=emotion.end
    )


def emotion_from_proto(emotion: timeline_pb2.TimedEmotion) -> TimedEmotion:
    """Returns the emotion with its times; an unknown emotion, from a newer contract, is neutral."""
    known = emotion.emotion in Emotion.__members__.values()
    return TimedEmotion(
        Emotion(emotion.emotion) if known else Emotion.NEUTRAL, emotion.start_seconds, emotion.end_seconds
    )


def timeline_to_proto(timeline: SpeechTimeline) -> timeline_pb2.SpeechTimeline:
    return timeline_pb2.SpeechTimeline(
        duration_seconds=timeline.duration,
        language=timeline.language,
        words=[word_to_proto(word) for word in timeline.words],
        phonemes=[phoneme_to_proto(phoneme) for phoneme in timeline.phonemes],
        emotions=[emotion_to_proto(emotion) for emotion in timeline.emotions],
        confidence=timeline.confidence if timeline.confidence < 1 else None,
    )


def timeline_from_proto(message: timeline_pb2.SpeechTimeline) -> SpeechTimeline:
    return SpeechTimeline(
        duration=message.duration_seconds,
        language=message.language,
        words=tuple(word_from_proto(word) for word in message.words),
        phonemes=tuple(phoneme_from_proto(phoneme) for phoneme in message.phonemes),
        emotions=tuple(emotion_from_proto(emotion) for emotion in message.emotions),
        confidence=message.confidence if message.HasField("confidence") else 1.0,
    )


def timeline_to_json(timeline: SpeechTimeline) -> bytes:
    """Returns the timeline in protobuf's JSON form, with the field names of the contract."""
    return MessageToJson(timeline_to_proto(timeline), preserving_proto_field_name=True, indent=None).encode()


def timeline_from_json(data: bytes) -> SpeechTimeline:
    """Parses a timeline. Raises `MediaUnreadable` if `data` is not one."""
    try:
        if not data.lstrip().startswith(b"{"):  # the parser takes an empty list for an empty message
            raise ParseError("not an object")
        return timeline_from_proto(Parse(data, timeline_pb2.SpeechTimeline(), ignore_unknown_fields=True))
    except (ParseError, UnicodeDecodeError) as error:
        raise MediaUnreadable("The speech timeline is not valid JSON of likeness.jobs.v1.") from error
