import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeviceClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEVICE_CLASS_UNSPECIFIED: _ClassVar[DeviceClass]
    DEVICE_CLASS_CPU: _ClassVar[DeviceClass]
    DEVICE_CLASS_GPU: _ClassVar[DeviceClass]
DEVICE_CLASS_UNSPECIFIED: DeviceClass
DEVICE_CLASS_CPU: DeviceClass
DEVICE_CLASS_GPU: DeviceClass

class DescribeEnginesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeEnginesResponse(_message.Message):
    __slots__ = ("engines",)
    ENGINES_FIELD_NUMBER: _ClassVar[int]
    engines: _containers.RepeatedCompositeFieldContainer[EngineSpec]
    def __init__(self, engines: _Optional[_Iterable[_Union[EngineSpec, _Mapping]]] = ...) -> None: ...

class EngineSpec(_message.Message):
    __slots__ = ("service", "name", "version", "device_class", "needs_audio", "languages", "voices", "limits", "operations", "effects", "presets")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEVICE_CLASS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_AUDIO_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    VOICES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    PRESETS_FIELD_NUMBER: _ClassVar[int]
    service: str
    name: str
    version: str
    device_class: DeviceClass
    needs_audio: bool
    languages: _containers.RepeatedScalarFieldContainer[str]
    voices: _containers.RepeatedCompositeFieldContainer[Voice]
    limits: EngineLimits
    operations: _containers.RepeatedScalarFieldContainer[str]
    effects: _containers.RepeatedCompositeFieldContainer[Effect]
    presets: _containers.RepeatedCompositeFieldContainer[EffectPreset]
    def __init__(self, service: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., device_class: _Optional[_Union[DeviceClass, str]] = ..., needs_audio: _Optional[bool] = ..., languages: _Optional[_Iterable[str]] = ..., voices: _Optional[_Iterable[_Union[Voice, _Mapping]]] = ..., limits: _Optional[_Union[EngineLimits, _Mapping]] = ..., operations: _Optional[_Iterable[str]] = ..., effects: _Optional[_Iterable[_Union[Effect, _Mapping]]] = ..., presets: _Optional[_Iterable[_Union[EffectPreset, _Mapping]]] = ...) -> None: ...

class Effect(_message.Message):
    __slots__ = ("name", "description", "amounts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    AMOUNTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    amounts: _containers.RepeatedCompositeFieldContainer[EffectAmount]
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., amounts: _Optional[_Iterable[_Union[EffectAmount, _Mapping]]] = ...) -> None: ...

class EffectAmount(_message.Message):
    __slots__ = ("name", "minimum", "maximum", "usual")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    USUAL_FIELD_NUMBER: _ClassVar[int]
    name: str
    minimum: float
    maximum: float
    usual: float
    def __init__(self, name: _Optional[str] = ..., minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., usual: _Optional[float] = ...) -> None: ...

class EffectStep(_message.Message):
    __slots__ = ("effect", "amounts")
    class AmountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    AMOUNTS_FIELD_NUMBER: _ClassVar[int]
    effect: str
    amounts: _containers.ScalarMap[str, float]
    def __init__(self, effect: _Optional[str] = ..., amounts: _Optional[_Mapping[str, float]] = ...) -> None: ...

class EffectPreset(_message.Message):
    __slots__ = ("name", "description", "steps")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    steps: _containers.RepeatedCompositeFieldContainer[EffectStep]
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[EffectStep, _Mapping]]] = ...) -> None: ...

class EngineLimits(_message.Message):
    __slots__ = ("max_seconds", "max_characters", "max_pixels", "stage_timeout_seconds", "min_speed", "max_speed", "max_pitch_semitones", "piece_megapixel_seconds")
    MAX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MAX_CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    MAX_PIXELS_FIELD_NUMBER: _ClassVar[int]
    STAGE_TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MIN_SPEED_FIELD_NUMBER: _ClassVar[int]
    MAX_SPEED_FIELD_NUMBER: _ClassVar[int]
    MAX_PITCH_SEMITONES_FIELD_NUMBER: _ClassVar[int]
    PIECE_MEGAPIXEL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    max_seconds: float
    max_characters: int
    max_pixels: int
    stage_timeout_seconds: float
    min_speed: float
    max_speed: float
    max_pitch_semitones: float
    piece_megapixel_seconds: float
    def __init__(self, max_seconds: _Optional[float] = ..., max_characters: _Optional[int] = ..., max_pixels: _Optional[int] = ..., stage_timeout_seconds: _Optional[float] = ..., min_speed: _Optional[float] = ..., max_speed: _Optional[float] = ..., max_pitch_semitones: _Optional[float] = ..., piece_megapixel_seconds: _Optional[float] = ...) -> None: ...

class Voice(_message.Message):
    __slots__ = ("id", "name", "language", "gender", "accent", "age", "style", "description")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    ACCENT_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    language: str
    gender: str
    accent: str
    age: str
    style: str
    description: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., language: _Optional[str] = ..., gender: _Optional[str] = ..., accent: _Optional[str] = ..., age: _Optional[str] = ..., style: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class EngineAnnounced(_message.Message):
    __slots__ = ("worker_id", "engine", "concurrency", "running", "announced_at", "leaving")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCED_AT_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    engine: EngineSpec
    concurrency: int
    running: int
    announced_at: _timestamp_pb2.Timestamp
    leaving: bool
    def __init__(self, worker_id: _Optional[str] = ..., engine: _Optional[_Union[EngineSpec, _Mapping]] = ..., concurrency: _Optional[int] = ..., running: _Optional[int] = ..., announced_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., leaving: _Optional[bool] = ...) -> None: ...
