from likeness.jobs.v1 import artifact_pb2 as _artifact_pb2
from likeness.jobs.v1 import quality_pb2 as _quality_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RenderingTask(_message.Message):
    __slots__ = ("width", "height", "fps", "min_seconds", "prompt", "seed", "landmarks", "face", "fit", "background", "format", "emotion", "piece")
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    FPS_FIELD_NUMBER: _ClassVar[int]
    MIN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    LANDMARKS_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    PIECE_FIELD_NUMBER: _ClassVar[int]
    width: int
    height: int
    fps: float
    min_seconds: float
    prompt: str
    seed: int
    landmarks: FaceLandmarks
    face: FaceChoice
    fit: str
    background: str
    format: str
    emotion: str
    piece: Piece
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ..., fps: _Optional[float] = ..., min_seconds: _Optional[float] = ..., prompt: _Optional[str] = ..., seed: _Optional[int] = ..., landmarks: _Optional[_Union[FaceLandmarks, _Mapping]] = ..., face: _Optional[_Union[FaceChoice, _Mapping]] = ..., fit: _Optional[str] = ..., background: _Optional[str] = ..., format: _Optional[str] = ..., emotion: _Optional[str] = ..., piece: _Optional[_Union[Piece, _Mapping]] = ...) -> None: ...

class Piece(_message.Message):
    __slots__ = ("index", "count")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    index: int
    count: int
    def __init__(self, index: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class FaceChoice(_message.Message):
    __slots__ = ("index", "box")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    index: int
    box: Box
    def __init__(self, index: _Optional[int] = ..., box: _Optional[_Union[Box, _Mapping]] = ...) -> None: ...

class Box(_message.Message):
    __slots__ = ("left", "top", "width", "height")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    left: float
    top: float
    width: float
    height: float
    def __init__(self, left: _Optional[float] = ..., top: _Optional[float] = ..., width: _Optional[float] = ..., height: _Optional[float] = ...) -> None: ...

class FaceLandmarks(_message.Message):
    __slots__ = ("left_eye", "right_eye", "mouth_left", "mouth_right", "upper_lip", "lower_lip", "chin")
    LEFT_EYE_FIELD_NUMBER: _ClassVar[int]
    RIGHT_EYE_FIELD_NUMBER: _ClassVar[int]
    MOUTH_LEFT_FIELD_NUMBER: _ClassVar[int]
    MOUTH_RIGHT_FIELD_NUMBER: _ClassVar[int]
    UPPER_LIP_FIELD_NUMBER: _ClassVar[int]
    LOWER_LIP_FIELD_NUMBER: _ClassVar[int]
    CHIN_FIELD_NUMBER: _ClassVar[int]
    left_eye: Point
    right_eye: Point
    mouth_left: Point
    mouth_right: Point
    upper_lip: Point
    lower_lip: Point
    chin: Point
    def __init__(self, left_eye: _Optional[_Union[Point, _Mapping]] = ..., right_eye: _Optional[_Union[Point, _Mapping]] = ..., mouth_left: _Optional[_Union[Point, _Mapping]] = ..., mouth_right: _Optional[_Union[Point, _Mapping]] = ..., upper_lip: _Optional[_Union[Point, _Mapping]] = ..., lower_lip: _Optional[_Union[Point, _Mapping]] = ..., chin: _Optional[_Union[Point, _Mapping]] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class RenderRequest(_message.Message):
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
    task: RenderingTask
    inputs: _containers.MessageMap[str, _artifact_pb2.Artifact]
    def __init__(self, workspace_id: _Optional[str] = ..., engine: _Optional[str] = ..., task: _Optional[_Union[RenderingTask, _Mapping]] = ..., inputs: _Optional[_Mapping[str, _artifact_pb2.Artifact]] = ...) -> None: ...

class RenderResponse(_message.Message):
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

class InspectPortraitRequest(_message.Message):
    __slots__ = ("engine", "portrait", "landmarks", "face", "prompt", "format", "width", "height", "fit")
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    PORTRAIT_FIELD_NUMBER: _ClassVar[int]
    LANDMARKS_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    engine: str
    portrait: _artifact_pb2.Artifact
    landmarks: FaceLandmarks
    face: FaceChoice
    prompt: str
    format: str
    width: int
    height: int
    fit: str
    def __init__(self, engine: _Optional[str] = ..., portrait: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ..., landmarks: _Optional[_Union[FaceLandmarks, _Mapping]] = ..., face: _Optional[_Union[FaceChoice, _Mapping]] = ..., prompt: _Optional[str] = ..., format: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., fit: _Optional[str] = ...) -> None: ...

class InspectPortraitResponse(_message.Message):
    __slots__ = ("width", "height", "face", "unknown_words")
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_WORDS_FIELD_NUMBER: _ClassVar[int]
    width: int
    height: int
    face: FaceLandmarks
    unknown_words: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ..., face: _Optional[_Union[FaceLandmarks, _Mapping]] = ..., unknown_words: _Optional[_Iterable[str]] = ...) -> None: ...
