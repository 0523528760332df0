from likeness.jobs.v1 import artifact_pb2 as _artifact_pb2
from likeness.jobs.v1 import quality_pb2 as _quality_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AudioFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIO_FORMAT_UNSPECIFIED: _ClassVar[AudioFormat]
    AUDIO_FORMAT_MP3: _ClassVar[AudioFormat]
    AUDIO_FORMAT_M4A: _ClassVar[AudioFormat]
    AUDIO_FORMAT_WAV: _ClassVar[AudioFormat]
    AUDIO_FORMAT_OPUS: _ClassVar[AudioFormat]
    AUDIO_FORMAT_FLAC: _ClassVar[AudioFormat]
AUDIO_FORMAT_UNSPECIFIED: AudioFormat
AUDIO_FORMAT_MP3: AudioFormat
AUDIO_FORMAT_M4A: AudioFormat
AUDIO_FORMAT_WAV: AudioFormat
AUDIO_FORMAT_OPUS: AudioFormat
AUDIO_FORMAT_FLAC: AudioFormat

class AssemblyTask(_message.Message):
    __slots__ = ("scenes", "loudness_lufs", "audio_delay_seconds", "shortest", "format", "audio_format", "gap_seconds", "parts")
    SCENES_FIELD_NUMBER: _ClassVar[int]
    LOUDNESS_LUFS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_DELAY_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SHORTEST_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FORMAT_FIELD_NUMBER: _ClassVar[int]
    GAP_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    scenes: int
    loudness_lufs: float
    audio_delay_seconds: float
    shortest: bool
    format: str
    audio_format: AudioFormat
    gap_seconds: float
    parts: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, scenes: _Optional[int] = ..., loudness_lufs: _Optional[float] = ..., audio_delay_seconds: _Optional[float] = ..., shortest: _Optional[bool] = ..., format: _Optional[str] = ..., audio_format: _Optional[_Union[AudioFormat, str]] = ..., gap_seconds: _Optional[float] = ..., parts: _Optional[_Iterable[int]] = ...) -> None: ...

class AssembleRequest(_message.Message):
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
    task: AssemblyTask
    inputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    def __init__(self, workspace_id: _Optional[str] = ..., engine: _Optional[str] = ..., task: _Optional[_Union[AssemblyTask, _Mapping]] = ..., inputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ...) -> None: ...

class AssembleResponse(_message.Message):
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
