"""What a video engine is."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import Engine, Progress
from services.chassis.engine_api.timeline import Emotion, SpeechTimeline
from services.chassis.engine_api.video_format import VideoFormat

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FaceLandmarks:
    """Where the face is, in pixels of the portrait; left is the left of the picture.

    Lips and chin are guessed where they are not given.
    """

    left_eye: Point
    right_eye: Point
    mouth_left: Point
    mouth_right: Point
    upper_lip: Point | None = None
    lower_lip: Point | None = None
    chin: Point | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """In pixels of the portrait."""

    left: float
    top: float
    width: float
    height: float


FaceChoice = int | Box
"""One of several faces: by its number from the largest, which is 0, or by a rectangle around it."""


class Fit(StrEnum):
    """How a portrait gets the shape of the video."""

    CROP = "crop"
    """Fill it, and lose what is over; the face is kept in the middle."""
    PAD = "pad"
    """Show all, and the background beside it."""


BLUR = "blur"


@dataclass(frozen=True, slots=True)
class Rendering:
    """What to draw.

    `width` and `height` are even pixels; 0 takes the portrait's own. The video
    is as long as the speech, or as `min_seconds` if that is longer. `prompt` says
    what the camera and the person do; the face shows `emotion` where the timeline
    names none. `background` is `BLUR`, a colour as `#rrggbb` or an image, seen beside
    and behind the portrait; by default blurred beside it and white behind it.
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
    face: FaceChoice | None = None
    fit: Fit = Fit.CROP
    background: str | Path | None = None
    format: VideoFormat = VideoFormat.MP4


@dataclass(frozen=True, slots=True)
class RenderedVideo:
    """`path` is the request's `output`: silent, in the `format` asked for."""

    path: Path
    width: int
    height: int
    fps: float
    frames: int
    format: VideoFormat = VideoFormat.MP4
    checks: tuple[QualityCheck, ...] = ()

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


@dataclass(frozen=True, slots=True)
class Inspection:
    """Whether a portrait can be rendered, asked before any work is accepted; the fields are those of
    `Rendering`."""

    portrait: Path
    landmarks: FaceLandmarks | None = None
    face: FaceChoice | None = None
    prompt: str = ""
    width: int = 0
    height: int = 0
    fit: Fit = Fit.CROP
    format: VideoFormat = VideoFormat.MP4


@dataclass(frozen=True, slots=True)
class InspectedPortrait:
    """Pixels of the portrait as it is meant to be seen; `face` is `None` if the engine needs none.

    `unknown_words` are those of the prompt that mean nothing to the engine.
    """

    width: int
    height: int
    face: FaceLandmarks | None
    unknown_words: tuple[str, ...] = ()


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
