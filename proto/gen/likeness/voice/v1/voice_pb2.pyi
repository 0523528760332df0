from likeness.jobs.v1 import artifact_pb2 as _artifact_pb2
from likeness.jobs.v1 import engines_pb2 as _engines_pb2
from likeness.jobs.v1 import quality_pb2 as _quality_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConversionTask(_message.Message):
    __slots__ = ("pitch_semitones", "formant_scale", "strength", "effects", "alignment", "transcription")
    PITCH_SEMITONES_FIELD_NUMBER: _ClassVar[int]
    FORMANT_SCALE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    ALIGNMENT_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    pitch_semitones: float
    formant_scale: float
    strength: float
    effects: EffectChain
    alignment: Alignment
    transcription: Transcription
    def __init__(self, pitch_semitones: _Optional[float] = ..., formant_scale: _Optional[float] = ..., strength: _Optional[float] = ..., effects: _Optional[_Union[EffectChain, _Mapping]] = ..., alignment: _Optional[_Union[Alignment, _Mapping]] = ..., transcription: _Optional[_Union[Transcription, _Mapping]] = ...) -> None: ...

class EffectChain(_message.Message):
    __slots__ = ("steps",)
    STEPS_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[_engines_pb2.EffectStep]
    def __init__(self, steps: _Optional[_Iterable[_Union[_engines_pb2.EffectStep, _Mapping]]] = ...) -> None: ...

class Alignment(_message.Message):
    __slots__ = ("transcript", "language")
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    transcript: str
    language: str
    def __init__(self, transcript: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class Transcription(_message.Message):
    __slots__ = ("language", "prompt")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    language: str
    prompt: str
    def __init__(self, language: _Optional[str] = ..., prompt: _Optional[str] = ...) -> None: ...

class ConvertRequest(_message.Message):
    __slots__ = ("workspace_id", "engine", "task", "inputs")
    class InputsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _artifact_pb2.Artifact
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ...) -> None: ...
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    engine: str
    task: ConversionTask
    inputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    def __init__(self, workspace_id: _Optional[str] = ..., engine: _Optional[str] = ..., task: _Optional[_Union[ConversionTask, _Mapping]] = ..., inputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ...) -> None: ...

class ConvertResponse(_message.Message):
    __slots__ = ("progress", "outputs", "checks")
    class OutputsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _artifact_pb2.Artifact
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ...) -> None: ...
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    progress: float
    outputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    checks: _containers.RepeatedCompositeFieldContainer[_quality_pb2.QualityCheck]
    def __init__(self, progress: _Optional[float] = ..., outputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ..., checks: _Optional[_Iterable[_Union[_quality_pb2.QualityCheck, _Mapping]]] = ...) -> None: ...

class InspectReferenceRequest(_message.Message):
    __slots__ = ("engine", "reference")
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    engine: str
    reference: _artifact_pb2.Artifact
    def __init__(self, engine: _Optional[str] = ..., reference: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ...) -> None: ...

class InspectReferenceResponse(_message.Message):
    __slots__ = ("speech_seconds", "pitch_hz", "signal_to_noise_db")
    SPEECH_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PITCH_HZ_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_TO_NOISE_DB_FIELD_NUMBER: _ClassVar[int]
    speech_seconds: float
    pitch_hz: float
    signal_to_noise_db: float
    def __init__(self, speech_seconds: _Optional[float] = ..., pitch_hz: _Optional[float] = ..., signal_to_noise_db: _Optional[float] = ...) -> None: ...
