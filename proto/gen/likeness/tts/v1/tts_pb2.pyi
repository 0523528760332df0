from likeness.jobs.v1 import artifact_pb2 as _artifact_pb2
from likeness.jobs.v1 import timeline_pb2 as _timeline_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SynthesisTask(_message.Message):
    __slots__ = ("text", "voice", "speed", "pitch_semitones", "ssml", "lexicon", "emotion", "markup", "cloning")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    PITCH_SEMITONES_FIELD_NUMBER: _ClassVar[int]
    SSML_FIELD_NUMBER: _ClassVar[int]
    LEXICON_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    MARKUP_FIELD_NUMBER: _ClassVar[int]
    CLONING_FIELD_NUMBER: _ClassVar[int]
    text: str
    voice: str
    speed: float
    pitch_semitones: float
    ssml: bool
    lexicon: _containers.RepeatedCompositeFieldContainer[Pronunciation]
    emotion: str
    markup: str
    cloning: Cloning
    def __init__(self, text: _Optional[str] = ..., voice: _Optional[str] = ..., speed: _Optional[float] = ..., pitch_semitones: _Optional[float] = ..., ssml: _Optional[bool] = ..., lexicon: _Optional[_Iterable[_Union[Pronunciation, _Mapping]]] = ..., emotion: _Optional[str] = ..., markup: _Optional[str] = ..., cloning: _Optional[_Union[Cloning, _Mapping]] = ...) -> None: ...

class Cloning(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Pronunciation(_message.Message):
    __slots__ = ("word", "ipa", "respelling")
    WORD_FIELD_NUMBER: _ClassVar[int]
    IPA_FIELD_NUMBER: _ClassVar[int]
    RESPELLING_FIELD_NUMBER: _ClassVar[int]
    word: str
    ipa: str
    respelling: str
    def __init__(self, word: _Optional[str] = ..., ipa: _Optional[str] = ..., respelling: _Optional[str] = ...) -> None: ...

class SynthesizeRequest(_message.Message):
    __slots__ = ("engine", "task", "inputs")
    class InputsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _artifact_pb2.Artifact
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ...) -> None: ...
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    engine: str
    task: SynthesisTask
    inputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    def __init__(self, engine: _Optional[str] = ..., task: _Optional[_Union[SynthesisTask, _Mapping]] = ..., inputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ...) -> None: ...

class SynthesizeResponse(_message.Message):
    __slots__ = ("pcm", "sample_rate", "words", "phonemes", "emotions")
    PCM_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    PHONEMES_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    pcm: bytes
    sample_rate: int
    words: _containers.RepeatedCompositeFieldContainer[_timeline_pb2.TimedWord]
    phonemes: _containers.RepeatedCompositeFieldContainer[_timeline_pb2.TimedPhoneme]
    emotions: _containers.RepeatedCompositeFieldContainer[_timeline_pb2.TimedEmotion]
    def __init__(self, pcm: _Optional[bytes] = ..., sample_rate: _Optional[int] = ..., words: _Optional[_Iterable[_Union[_timeline_pb2.TimedWord, _Mapping]]] = ..., phonemes: _Optional[_Iterable[_Union[_timeline_pb2.TimedPhoneme, _Mapping]]] = ..., emotions: _Optional[_Iterable[_Union[_timeline_pb2.TimedEmotion, _Mapping]]] = ...) -> None: ...

class InspectScriptRequest(_message.Message):
    __slots__ = ("engine", "task")
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    engine: str
    task: SynthesisTask
    def __init__(self, engine: _Optional[str] = ..., task: _Optional[_Union[SynthesisTask, _Mapping]] = ...) -> None: ...

class InspectScriptResponse(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...
