"""What every engine shares. Engines take files and arrays and give files and arrays."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from services.chassis.engine_api.effects import Effect, EffectPreset


class DeviceClass(StrEnum):
    CPU = "cpu"
    GPU = "gpu"


@dataclass(frozen=True, slots=True)
class Voice:
    """A preset voice. `language` is a BCP 47 tag; `gender` is empty if unknown."""

    id: str
    name: str
    language: str
    gender: str = ""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Zero means that the engine has no limit of its own."""

    max_seconds: float = 0.0
    max_characters: int = 0
    max_pixels: int = 0
    min_speed: float = 0.0
    max_speed: float = 0.0
    max_pitch_semitones: float = 0.0
    stage_timeout_seconds: float = 1800.0


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Capabilities as data: the gateway refuses what an engine cannot do before any work.

    `version` is part of the action key of every stage: raise it whenever the
    same request would give other output. `operations` is what it does of its
    service's work, empty for the one thing that its service does.
    """

    service: str
    name: str
    version: str
    device_class: DeviceClass = DeviceClass.CPU
    needs_audio: bool = True
    languages: tuple[str, ...] = ()
    voices: tuple[Voice, ...] = ()
    limits: EngineLimits = field(default_factory=EngineLimits)
    operations: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    presets: tuple[EffectPreset, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """An item that an engine yields to say how far it is, from 0 to 1."""

    fraction: float


class Engine(Protocol):
    """Lives in a child process of its own; one request at a time.

    An operation is a generator: the `Progress` items that it yields are
    reported, all other items are its outputs. To refuse a request, raise a
    `LikenessError`; anything else that escapes is reported as internal.
    """

    @property
    def spec(self) -> EngineSpec: ...

    def open(self) -> None:
        """Load what is heavy (libraries, weights); never at import or construction."""
        ...

    def close(self) -> None: ...
