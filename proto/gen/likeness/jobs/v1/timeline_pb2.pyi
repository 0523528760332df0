from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Stress(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STRESS_UNSPECIFIED: _ClassVar[Stress]
    STRESS_SECONDARY: _ClassVar[Stress]
    STRESS_PRIMARY: _ClassVar[Stress]
STRESS_UNSPECIFIED: Stress
STRESS_SECONDARY: Stress
STRESS_PRIMARY: Stress

class SpeechTimeline(_message.Message):
    __slots__ = ("duration_seconds", "language", "words", "phonemes", "emotions", "confidence")
    DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    PHONEMES_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    duration_seconds: float
    language: str
    words: _containers.RepeatedCompositeFieldContainer[TimedWord]
    phonemes: _containers.RepeatedCompositeFieldContainer[TimedPhoneme]
    emotions: _containers.RepeatedCompositeFieldContainer[TimedEmotion]
    confidence: float
    def __init__(self, duration_seconds: _Optional[float] = ..., language: _Optional[str] = ..., words: _Optional[_Iterable[_Union[TimedWord, _Mapping]]] = ..., phonemes: _Optional[_Iterable[_Union[TimedPhoneme, _Mapping]]] = ..., emotions: _Optional[_Iterable[_Union[TimedEmotion, _Mapping]]] = ..., confidence: _Optional[float] = ...) -> None: ...

class TimedWord(_message.Message):
    __slots__ = ("text", "start_seconds", "end_seconds")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    END_SECONDS_FIELD_NUMBER: _ClassVar[int]
    text: str
    start_seconds: float
    end_seconds: float
    def __init__(self, text: _Optional[str] = ..., start_seconds: _Optional[float] = ..., end_seconds: _Optional[float] = ...) -> None: ...

class TimedPhoneme(_message.Message):
    __slots__ = ("ipa", "start_seconds", "end_seconds", "stress")
    IPA_FIELD_NUMBER: _ClassVar[int]
    START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    END_SECONDS_FIELD_NUMBER: _ClassVar[int]
    STRESS_FIELD_NUMBER: _ClassVar[int]
    ipa: str
    start_seconds: float
    end_seconds: float
    stress: Stress
    def __init__(self, ipa: _Optional[str] = ..., start_seconds: _Optional[float] = ..., end_seconds: _Optional[float] = ..., stress: _Optional[_Union[Stress, str]] = ...) -> None: ...

class TimedEmotion(_message.Message):
    __slots__ = ("emotion", "start_seconds", "end_seconds")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    END_SECONDS_FIELD_NUMBER: _ClassVar[int]
    emotion: str
    start_seconds: float
    end_seconds: float
    def __init__(self, emotion: _Optional[str] = ..., start_seconds: _Optional[float] = ..., end_seconds: _Optional[float] = ...) -> None: ...
