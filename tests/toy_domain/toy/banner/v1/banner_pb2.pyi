from likeness.jobs.v1 import artifact_pb2 as _artifact_pb2
from likeness.jobs.v1 import quality_pb2 as _quality_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BannerTask(_message.Message):
    __slots__ = ("text", "colour")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    COLOUR_FIELD_NUMBER: _ClassVar[int]
    text: str
    colour: str
    def __init__(self, text: _Optional[str] = ..., colour: _Optional[str] = ...) -> None: ...

class DrawRequest(_message.Message):
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
    task: BannerTask
    inputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    def __init__(self, workspace_id: _Optional[str] = ..., engine: _Optional[str] = ..., task: _Optional[_Union[BannerTask, _Mapping]] = ..., inputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ...) -> None: ...

class DrawResponse(_message.Message):
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
