"""What a video engine is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.chassis.engine import Engine, Progress
from services.chassis.quality import QualityCheck
from services.chassis.timeline import Emotion, SpeechTimeline

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FaceLandmarks:
    """Where the face is, in pixels of the portrait; left is the left of the picture."""

    left_eye: Point
    right_eye: Point
    mouth_left: Point
    mouth_right: Point
    upper_lip: Point
    lower_lip: Point
    chin: Point


@dataclass(frozen=True, slots=True)
class Rendering:
    """What to draw.

    `width` and `height` are even pixels; 0 takes the portrait's own. The video
    is as long as the speech, or as `min_seconds` if that is longer. The face shows `emotion` where the
    timeline names none.
    """

    portrait: Path
    output: Path
    speech: Path | None = None
    timeline: SpeechTimeline | None = None
    width: int = 0
    height: int = 0
    fps: float = 25.0
    min_seconds: float = 0.0
    prompt: str = ""
    seed: int = 0
    landmarks: FaceLandmarks | None = None
    emotion: Emotion = Emotion.NEUTRAL


@dataclass(frozen=True, slots=True)
class RenderedVideo:
    """`path` is the request's `output`: a silent H.264 yuv420p MP4."""

    path: Path
    width: int
    height: int
    fps: float
    frames: int
    checks: tuple[QualityCheck, ...] = ()

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class Inspection:
    """Whether a portrait can be rendered, asked before any work is accepted."""

    portrait: Path
    landmarks: FaceLandmarks | None = None


@dataclass(frozen=True, slots=True)
class InspectedPortrait:
    """Pixels of the portrait as it is meant to be seen; `face` is `None` if the engine needs none."""

    width: int
    height: int
    face: FaceLandmarks | None


class VideoEngine(Engine, Protocol):
    def inspect(self, request: Inspection) -> Iterator[InspectedPortrait]:
        """Yield one `InspectedPortrait`. Raises what `render` would raise for the portrait."""
        ...

    def render(self, request: Rendering) -> Iterator[Progress | RenderedVideo]:
        """Yield progress, then one `RenderedVideo`. The same request gives the same frames.

        Raises `FaceNotFound` when there is neither a face nor landmarks and `MediaUnreadable` for a
        portrait that cannot be read.
        """
        ...
