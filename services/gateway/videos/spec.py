"""Specs of a validated and resolved video: the input of `videos.plan`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.storage import Artifact
from services.gateway.speech.spec import SpeechSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSpec(SpeechSpec):
    """One scene. `landmarks` are pixels of the portrait; `face` and `prompt` are as in the video service's
    task, in JSON."""

    portrait: Artifact
    engine: EngineSpec
    landmarks: Mapping[str, tuple[float, float]] | None = None
    face: Mapping[str, Any] | None = None
    prompt: str = ""
    min_seconds: float = 0.0
    emotion: Emotion = Emotion.NEUTRAL

    @property
    def seconds(self) -> float:
        """The expected length of the scene."""
        return max(self.speech_seconds, self.min_seconds)

    @property
    def estimated_seconds(self) -> float:
        """The part of `seconds` that is an estimate, because a script has to be spoken first."""
        return self.spoken_seconds if self.spoken_seconds > self.min_seconds else 0.0


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """Properties of the finished video, in even pixels, LUFS and seconds."""

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
        """Size and format for which a portrait is cut out, as in the video service's task, in JSON; empty if
        it is not cut out."""
        if not self.format.has_opacity:
            return {}
        return {"width": self.width, "height": self.height, "fit": self.fit, "format": self.format.value}


@dataclass(frozen=True, slots=True)
class VideoSpec:
    """A video: its scenes, which are joined, and its output."""

    scenes: tuple[SceneSpec, ...]
    output: OutputSpec
