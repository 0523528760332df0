"""Protocol of video engines, with its requests and results."""

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
    """Points of a face in pixels of the portrait; left is the left of the picture.

    The engine estimates lips and chin where they are `None`.
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
    """Rectangle in pixels of the portrait."""

    left: float
    top: float
    width: float
    height: float


FaceChoice = int | Box
"""Choice among several faces: the index by size, 0 for the largest, or a rectangle around the face."""


class Fit(StrEnum):
    """Ways to bring a portrait into the shape of the video."""

    CROP = "crop"
    """Fills the video and cuts off the rest; the face is kept in the middle."""
    PAD = "pad"
    """Shows the whole portrait, and the background beside it."""


BLUR = "blur"


@dataclass(frozen=True, slots=True)
class Piece:
    """One of `count` parts of a scene; `index` is from 0."""

    index: int
    count: int


@dataclass(frozen=True, slots=True)
class Rendering:
    """Request to render a video.

    `width` and `height` are even pixels; 0 takes the portrait's own. The video is as long as the speech, or
    as `min_seconds` if that is longer. `prompt` says what the camera and the person do; the face shows
    `emotion` where the timeline names none. `background` is `BLUR`, a colour as `#rrggbb` or an image, seen
    beside and behind the portrait; by default blurred beside it and white behind it.

    `piece` asks for the frames of one part only, exactly as they are in the whole. Only an engine whose spec
    has `piece_megapixel_seconds` gets one.
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
    piece: Piece | None = None


@dataclass(frozen=True, slots=True)
class RenderedVideo:
    """Result of a rendering: `path` is the request's `output`, a silent video in the requested `format`.

    A piece without `frames`, of a scene that has fewer frames than pieces, is an empty file.
    """

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
    """Request to check whether a portrait can be rendered, made before any work is accepted.

    The fields are those of `Rendering`.
    """

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
    """Result of an inspection: the size in pixels of the portrait as it is meant to be seen, and its face.

    `face` is `None` if the engine needs none. `unknown_words` are the words of the prompt that mean nothing
    to the engine.
    """

    width: int
    height: int
    face: FaceLandmarks | None
    unknown_words: tuple[str, ...] = ()


class VideoEngine(Engine, Protocol):
    """Engine that turns a portrait and speech into a silent video."""

    def inspect(self, request: Inspection) -> Iterator[InspectedPortrait]:
        """Yields one `InspectedPortrait`. Raises what `render` would raise for the portrait."""
        ...

    def render(self, request: Rendering) -> Iterator[Progress | RenderedVideo]:
        """Yields progress, then one `RenderedVideo`. The same request gives the same frames.

        Raises `FaceNotFound` when there is neither a face nor landmarks and `MediaUnreadable` for a portrait
        that cannot be read.
        """
        ...
