"""Base types of every engine: its capabilities, progress, and the `Engine` protocol."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from services.chassis.engine_api.effects import Effect, EffectPreset


class DeviceClass(StrEnum):
    """The hardware that an engine computes on."""

    CPU = "cpu"
    GPU = "gpu"


_DEFAULT_MEMORY_MB = {DeviceClass.CPU: 4096, DeviceClass.GPU: 32_768}


@dataclass(frozen=True, slots=True)
class Voice:
    """A preset voice. `language` is a BCP 47 tag.

    `gender` (female, male), `accent` (American), `age` (young, middle_aged, old), `style` (warm) and
    `description`, a sentence for people, are empty if they are not known.
    """

    id: str
    name: str
    language: str
    gender: str = ""
    accent: str = ""
    age: str = ""
    style: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Limits of one request. Zero means that the engine has no limit of its own.

    `piece_megapixel_seconds` is the work of one piece of a scene, in seconds of video times megapixels of its
    size; zero: the engine renders scenes as a whole only. `memory_mb` is the most memory in MiB that the
    engine's process and those that it starts may hold, weights included; zero: 4 GiB, or 32 GiB on a GPU.
    """

    max_seconds: float = 0.0
    max_characters: int = 0
    max_pixels: int = 0
    min_speed: float = 0.0
    max_speed: float = 0.0
    max_pitch_semitones: float = 0.0
    stage_timeout_seconds: float = 1800.0
    piece_megapixel_seconds: float = 0.0
    memory_mb: int = 0


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Capabilities of an engine as data: the gateway refuses what an engine cannot do before any work.

    `version` is part of the action key of every stage: raise it whenever the same request would give other
    output. `operations` lists which of its service's operations the engine supports; it is empty if the
    service has only one.
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

    def memory_bytes(self, set_mb: int = 0) -> int:
        """Returns the bound of the engine's memory; `set_mb`, if it is not 0, replaces the engine's own."""
        return (set_mb or self.limits.memory_mb or _DEFAULT_MEMORY_MB[self.device_class]) << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """An item that an engine yields to report its progress, from 0 to 1."""

    fraction: float


class Engine(Protocol):
    """An engine, which takes files and arrays and returns files and arrays.

    It lives in a child process of its own and handles one request at a time. An operation is a generator: the
    `Progress` items that it yields are reported, all other items are its outputs. To refuse a request, an
    engine raises a `LikenessError`; any other exception that escapes is reported as internal.
    """

    @property
    def spec(self) -> EngineSpec: ...

    def open(self) -> None:
        """Loads heavy libraries and weights; called once, after construction and before any request.

        Nothing heavy is loaded at import or in the constructor.
        """
        ...

    def close(self) -> None: ...
