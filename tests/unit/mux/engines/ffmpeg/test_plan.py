from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from services.chassis.engine_api.video_format import VideoFormat
from services.mux.engines.ffmpeg.delivery import DELIVERIES
from services.mux.engines.ffmpeg.plan import (
    Canvas,
    PictureFormat,
    PicturePart,
    SceneFacts,
    ScenePlan,
    TrackPart,
    plan_audio,
    plan_join,
)

MP4 = DELIVERIES[VideoFormat.MP4]
FORMAT = PictureFormat("h264", "yuv420p", 640, 480, Fraction(25), Fraction(1, 12_800))


def scene(
    picture: float,
    speech: float | None = None,
    *,
    extradata: tuple[bytes, ...] = (b"sps",),
    **changes: object,
) -> SceneFacts:
    """Returns a scene of as many parts as there are `extradata`."""
    picture_format = replace(FORMAT, **changes)  # pyright: ignore[reportArgumentType]
    frames = round(picture * picture_format.frame_rate)
    parts = (PicturePart(Path("picture"), frames // len(extradata), own) for own in extradata)
    return SceneFacts(picture_format, tuple(parts), speech)


@pytest.mark.parametrize(
    ("scenes", "shortest", "seconds"),
    [
        ([scene(2, 1.5)], False, [2.0]),
        ([scene(2, 2.03)], False, [2.0]),
        ([scene(2, 1.97)], True, [2.0]),
        ([scene(2), scene(1.2, 1)], False, [2.0, 1.2]),
        ([scene(2), scene(1.2, 9)], True, [2.0, 1.2]),
    ],
    ids=["padded", "longer by less than a frame", "shorter by less than a frame", "silent", "cut speech"],
)
def test_pictures_are_copied(scenes: list[SceneFacts], shortest: bool, seconds: list[float]) -> None:
    plan = plan_join(scenes, MP4, shortest=shortest)
    assert plan.canvas is None
    assert [float(item.seconds) for item in plan.scenes] == seconds


@pytest.mark.parametrize(
    ("scenes", "shortest", "frames"),
    [
        ([scene(2), scene(1, width=320)], False, [50, 25]),
        ([scene(2), scene(1, frame_rate=Fraction(30))], False, [50, 25]),
        ([scene(2), scene(1, extradata=(b"other",))], False, [50, 25]),
        ([scene(2), scene(2, extradata=(b"sps", b"other"))], False, [50, 50]),
        ([scene(2, codec="vp9")], False, [50]),
        ([scene(2, pixel_format="yuv444p")], False, [50]),
        ([scene(2, 2.5)], False, [62]),
        ([scene(2, 1.5)], True, [38]),
        ([scene(2, 0.001)], True, [1]),
    ],
    ids=[
        "size",
        "rate",
        "parameter sets",
        "parameter sets of a part",
        "codec",
        "pixels",
        "speech outlasts",
        "shortest cuts",
        "never empty",
    ],
)
def test_pictures_are_encoded_anew(scenes: list[SceneFacts], shortest: bool, frames: list[int]) -> None:
    plan = plan_join(scenes, MP4, shortest=shortest)
    assert plan.canvas == Canvas(640, 480, Fraction(25))
    assert [item.frames for item in plan.scenes] == frames
    assert [item.seconds for item in plan.scenes] == [Fraction(count, 25) for count in frames]


def test_a_scene_is_as_long_as_all_of_its_parts() -> None:
    parts = tuple(PicturePart(Path(f"part-{number}"), 7) for number in range(120))
    facts = SceneFacts(replace(FORMAT, frame_rate=Fraction(2997, 125)), parts, 840 / 23.976)
    plan = plan_join([facts], MP4, shortest=False)
    assert plan.canvas is None
    assert plan.scenes == (ScenePlan(840 / Fraction(2997, 125), 840),)


def test_an_odd_canvas_size_is_made_even() -> None:
    plan = plan_join([scene(1, width=641, height=1, codec="vp9")], MP4, shortest=False)
    assert plan.canvas == Canvas(640, 2, Fraction(25))


def test_the_samples_of_scenes_do_not_drift() -> None:
    third = scene(7 * 1001 / 30_000, frame_rate=Fraction(30_000, 1001))
    plan = plan_join([third] * 1000, MP4, shortest=False)
    assert sum(plan.sample_counts) == round(plan.seconds * 48_000)
    assert set(plan.sample_counts) <= {11_211, 11_212}


@pytest.mark.parametrize(
    ("video_format", "codec", "pixels"),
    [(VideoFormat.PRORES_4444, "prores", "yuva444p12le"), (VideoFormat.VP9_ALPHA, "vp9", "yuv420p")],
)
def test_only_pictures_in_the_format_asked_for_are_copied(
    video_format: VideoFormat, codec: str, pixels: str
) -> None:
    delivery = DELIVERIES[video_format]
    same, other = scene(2, codec=codec, pixel_format=pixels), scene(2)
    assert plan_join([same, same], delivery, shortest=False).canvas is None
    assert plan_join([other], delivery, shortest=False).canvas is not None
    assert plan_join([same], MP4, shortest=False).canvas is not None


A, B = Path("a.wav"), Path("b.wav")


@pytest.mark.parametrize(
    ("speeches", "gap", "expected"),
    [
        ([A], 0.5, [TrackPart(A, 48_000)]),
        ([A, B], 0.25, [TrackPart(A, 48_000), TrackPart(None, 12_000), TrackPart(B, 48_000)]),
        ([A, B], 0.0, [TrackPart(A, 48_000), TrackPart(None, 0), TrackPart(B, 48_000)]),
    ],
    ids=["one speech has no gap", "gap between two", "no gap"],
)
def test_gaps_are_between_speeches_only(speeches: list[Path], gap: float, expected: list[TrackPart]) -> None:
    assert plan_audio(speeches, [Fraction(1)] * len(speeches), gap) == expected


def test_the_samples_of_a_long_track_do_not_drift() -> None:
    lengths = [Fraction(22_051, 22_050)] * 1000
    parts = plan_audio([A] * 1000, lengths, 0.3)
    assert sum(part.samples for part in parts) == round((sum(lengths) + 999 * Fraction(3, 10)) * 48_000)
