"""Plans lengths and samples of scenes and gaps, and which pictures are encoded anew; reads no file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from services.mux.engines.ffmpeg.delivery import Delivery

SAMPLE_RATE = 48_000


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """The properties that all parts of a picture share."""

    codec: str
    pixel_format: str
    width: int
    height: int
    frame_rate: Fraction
    time_base: Fraction


@dataclass(frozen=True, slots=True)
class PicturePart:
    """One of the files that a scene's picture is made of.

    `extradata` holds H.264's parameter sets: parts that differ in them cannot be joined without encoding.
    """

    path: Path
    frames: int
    extradata: bytes = b""


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """Measurements of one scene; `speech_seconds` is `None` for a silent one.

    All parts are in the format `picture`.
    """

    picture: PictureFormat
    parts: tuple[PicturePart, ...]
    speech_seconds: float | None = None

    @property
    def frames(self) -> int:
        return sum(part.frames for part in self.parts)

    @property
    def picture_seconds(self) -> Fraction:
        return self.frames / self.picture.frame_rate


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture format that scenes are encoded to when they cannot be copied."""

    width: int
    height: int
    frame_rate: Fraction


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """The length of a scene: `frames` on the canvas, or the picture's own length if it is copied."""

    seconds: Fraction
    frames: int


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """The plan of a whole video. `canvas` is `None` if all pictures are copied."""

    scenes: tuple[ScenePlan, ...]
    canvas: Canvas | None

    @property
    def seconds(self) -> Fraction:
        return sum((scene.seconds for scene in self.scenes), Fraction(0))

    @property
    def sample_counts(self) -> list[int]:
        """Audio samples of each scene, rounded so that scenes do not drift apart over a long video."""
        return sample_counts(scene.seconds for scene in self.scenes)


@dataclass(frozen=True, slots=True)
class TrackPart:
    """A part of an audio track, `samples` long; `speech` is `None` for silence."""

    speech: Path | None
    samples: int


def plan_join(scenes: list[SceneFacts], delivery: Delivery, *, shortest: bool) -> JoinPlan:
    """Returns a plan that copies all pictures if every one has the first one's format and about its length.

    About is to within a frame. The first one's format must be that of the delivery, and all parts must have
    the same `extradata`.
    """
    first = scenes[0].picture
    extradata = {part.extradata for scene in scenes for part in scene.parts}
    wanted = [_wanted_seconds(scene, shortest=shortest) for scene in scenes]
    deliverable = (first.codec, first.pixel_format) == (delivery.codec, delivery.decoded_as)
    if (
        deliverable
        and len(extradata) == 1
        and all(_can_copy(scene, seconds, first) for scene, seconds in zip(scenes, wanted, strict=True))
    ):
        return JoinPlan(tuple(ScenePlan(s.picture_seconds, s.frames) for s in scenes), None)
    canvas = Canvas(max(first.width // 2 * 2, 2), max(first.height // 2 * 2, 2), first.frame_rate)
    counts = [_frames(seconds, first) for seconds in wanted]
    return JoinPlan(tuple(ScenePlan(count / first.frame_rate, count) for count in counts), canvas)


def plan_audio(speeches: Sequence[Path], lengths: Sequence[Fraction], gap_seconds: float) -> list[TrackPart]:
    """Returns the speeches with silence between them; `lengths` are theirs in seconds."""
    sources: list[Path | None] = []
    seconds: list[Fraction] = []
    gap = Fraction(round(gap_seconds * SAMPLE_RATE), SAMPLE_RATE)
    for speech, length in zip(speeches, lengths, strict=True):
        sources += [speech, None]
        seconds += [length, gap]
    parts = zip(sources[:-1], sample_counts(seconds[:-1]), strict=True)
    return [TrackPart(source, samples) for source, samples in parts]


def sample_counts(seconds: Iterable[Fraction]) -> list[int]:
    """Returns the samples of consecutive parts, rounded so that errors do not add up."""
    edges = [0]
    elapsed = Fraction(0)
    for length in seconds:
        elapsed += length
        edges.append(round(elapsed * SAMPLE_RATE))
    return [end - start for start, end in pairwise(edges)]


def _wanted_seconds(scene: SceneFacts, *, shortest: bool) -> Fraction:
    if scene.speech_seconds is None:
        return scene.picture_seconds
    choose = min if shortest else max
    return choose(scene.picture_seconds, Fraction(scene.speech_seconds))


def _can_copy(scene: SceneFacts, wanted: Fraction, first: PictureFormat) -> bool:
    picture = scene.picture
    frame = 1 / picture.frame_rate
    return picture == first and abs(scene.picture_seconds - wanted) <= frame


def _frames(seconds: Fraction, picture: PictureFormat) -> int:
    return max(1, round(seconds * picture.frame_rate))
