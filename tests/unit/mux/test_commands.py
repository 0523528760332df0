from fractions import Fraction
from pathlib import Path

import pytest

from services.chassis.engine_api.video_format import VideoFormat
from services.mux.engines.ffmpeg import commands
from services.mux.engines.ffmpeg.delivery import DELIVERIES
from services.mux.engines.ffmpeg.loudness import Mastering
from services.mux.engines.ffmpeg.plan import Canvas, ScenePlan

MP4 = DELIVERIES[VideoFormat.MP4]
SOURCE, TARGET = Path("/in/a.mp4"), Path("/out/b.mp4")


def after(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def test_conform_gives_size_rate_and_an_exact_number_of_frames() -> None:
    canvas = Canvas(640, 480, Fraction(30_000, 1001))
    arguments = commands.conform(SOURCE, TARGET, canvas, ScenePlan(Fraction(2), 60), MP4)
    assert after(arguments, "-frames:v") == "60"
    filters = after(arguments, "-vf").split(",")
    assert filters[0].startswith("scale=640:480:force_original_aspect_ratio=decrease")
    assert {"fps=30000/1001", "tpad=stop=-1:stop_mode=clone", "format=yuv420p"} <= set(filters)


@pytest.mark.parametrize(
    "arguments",
    [
        commands.conform(SOURCE, TARGET, Canvas(2, 2, Fraction(1)), ScenePlan(Fraction(1), 1), MP4),
        commands.master(SOURCE, TARGET, Mastering()),
        commands.join(SOURCE, SOURCE, TARGET, MP4),
    ],
    ids=["conform", "master", "join"],
)
def test_outputs_carry_no_time_of_making(arguments: list[str]) -> None:
    assert after(arguments, "-map_metadata") == "-1"
    assert after(arguments, "-fflags") == "+bitexact"
    assert arguments[-1] == "file:/out/b.mp4"


def test_join_copies_and_puts_the_index_first() -> None:
    arguments = commands.join(Path("/s/list"), Path("/s/a.m4a"), TARGET, MP4)
    assert (after(arguments, "-c:v"), after(arguments, "-c:a")) == ("copy", "copy")
    assert after(arguments, "-movflags") == "+faststart"


@pytest.mark.parametrize(
    ("mastering", "filters"),
    [
        (Mastering(), "volume=0.000dB:precision=double"),
        (Mastering(-3.25), "volume=-3.250dB:precision=double"),
        (
            Mastering(6.0, -6.0206),
            "volume=6.000dB:precision=double,aresample=192000,"
            "alimiter=limit=0.500000:attack=5:release=50:level=disabled:latency=1,aresample=48000",
        ),
    ],
)
def test_master(mastering: Mastering, filters: str) -> None:
    assert after(commands.master(SOURCE, TARGET, mastering), "-af") == filters


@pytest.mark.parametrize(
    ("seconds", "filters"),
    [
        (3.0, "aresample=48000,ebur128=peak=true:framelog=quiet"),
        (0.25, "aresample=48000,aloop=loop=-1:size=12000,atrim=end=1,ebur128=peak=true:framelog=quiet"),
    ],
)
def test_measure_repeats_what_is_too_short_for_the_meter(seconds: float, filters: str) -> None:
    assert after(commands.measure(SOURCE, seconds), "-af") == filters


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("a b.mp4", "'file:/in/a b.mp4'"), ("it's.mp4", "'file:/in/it'\\''s.mp4'"), ("a\\b", "'file:/in/a\\b'")],
)
def test_concat_script_escapes_names(name: str, quoted: str) -> None:
    script = commands.concat_script([(Path("/in") / name, 1.5), (Path("/in/last"), 2 / 3)])
    assert script.splitlines() == [
        "ffconcat version 1.0",
        f"file {quoted}",
        "duration 1.500000",
        "file 'file:/in/last'",
        "duration 0.666667",
    ]
