from likeness.jobs.v1 import timeline_pb2 as _timeline_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Transcript(_message.Message):
    __slots__ = ("duration_seconds", "language", "text", "words", "segments")
    DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    duration_seconds: float
    language: str
    text: str
    words: _containers.RepeatedCompositeFieldContainer[_timeline_pb2.TimedWord]
    segments: _containers.RepeatedCompositeFieldContainer[TranscriptSegment]
    def __init__(self, duration_seconds: _Optional[float] = ..., language: _Optional[str] = ..., text: _Optional[str] = ..., words: _Optional[_Iterable[_Union[_timeline_pb2.TimedWord, _Mapping]]] = ..., segments: _Optional[_Iterable[_Union[TranscriptSegment, _Mapping]]] = ...) -> None: ...

class TranscriptSegment(_message.Message):
    __slots__ = ("text", "start_seconds", "end_seconds", "log_probability", "no_speech_probability")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    END_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOG_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    NO_SPEECH_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    text: str
    start_seconds: float
    end_seconds: float
    log_probability: float
    no_speech_probability: float
    def __init__(self, text: _Optional[str] = ..., start_seconds: _Optional[float] = ..., end_seconds: _Optional[float] = ..., log_probability: _Optional[float] = ..., no_speech_probability: _Optional[float] = ...) -> None: ...
