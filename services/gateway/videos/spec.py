"""What was asked for, validated and resolved: the input of `plan`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.models import VideoWarning
from services.gateway.lexicon.pronunciation import Pronunciation


@dataclass(frozen=True, slots=True)
class ScriptSpec:
    text: str
    engine: EngineSpec
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False
    emotion: Emotion = Emotion.NEUTRAL
    lexicon: tuple[Pronunciation, ...] = ()


@dataclass(frozen=True, slots=True)
class ConversionSpec:
    engine: EngineSpec
    reference: Artifact | None = None
    pitch_semitones: float = 0.0
    formant_scale: float = 1.0
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class EffectsSpec:
    """Every step with all of its amounts: a chain is the same under whatever name it was asked for."""

    engine: EngineSpec
    steps: tuple[EffectStep, ...]


@dataclass(frozen=True, slots=True)
class AlignmentSpec:
    """For a recording: its words, if anybody knows them, and a BCP 47 tag, empty for English."""

    engine: EngineSpec
    transcript: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """Speech is a script to speak, or a recording, which has an alignment, or nothing. `landmarks` are pixels
    of the portrait; `face` and `prompt` are as the video service's task has them, in JSON."""

    portrait: Artifact
    speech: ScriptSpec | Artifact | None
    engine: EngineSpec
    alignment: AlignmentSpec | None = None
    conversion: ConversionSpec | None = None
    effects: EffectsSpec | None = None
    landmarks: Mapping[str, tuple[float, float]] | None = None
    face: Mapping[str, Any] | None = None
    prompt: str = ""
    min_seconds: float = 0.0
    emotion: Emotion = Emotion.NEUTRAL


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """Even pixels, LUFS, seconds."""

    width: int
    height: int
    mux: EngineSpec
    fps: float = 25.0
    seed: int = 0
    loudness_lufs: float = -16.0
    audio_delay_seconds: float = 0.0
    shortest: bool = False
    fit: str = "crop"
    background: str | Artifact | None = None
    format: VideoFormat = VideoFormat.MP4

    @property
    def overlay(self) -> Mapping[str, Any]:
        """What a portrait is cut out for, as the video service's task has it, in JSON; empty if it is not."""
        if not self.format.has_opacity:
            return {}
        return {"width": self.width, "height": self.height, "fit": self.fit, "format": self.format.value}


@dataclass(frozen=True, slots=True)
class VideoSpec:
    scenes: tuple[SceneSpec, ...]
    output: OutputSpec
    warnings: tuple[VideoWarning, ...] = ()
    """What the client is told of the request; the video carries them."""
