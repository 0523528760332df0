from fractions import Fraction
from pathlib import Path

import pytest

from services.chassis.engine_api.video_format import VideoFormat
from services.mux.engines.ffmpeg import commands
from services.mux.engines.ffmpeg.delivery import DELIVERIES
from services.mux.engines.ffmpeg.encoding import ENCODINGS, VIDEO_AUDIO
from services.mux.engines.ffmpeg.loudness import Mastering
from services.mux.engines.ffmpeg.plan import Canvas, ScenePlan
from services.mux.engines.protocol import AudioFormat

MP4 = DELIVERIES[VideoFormat.MP4]
SOURCE, TARGET = Path("/in/a.mp4"), Path("/out/b.mp4")


def after(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def test_conform_sets_size_rate_and_an_exact_number_of_frames() -> None:
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
        commands.master(SOURCE, TARGET, Mastering(), VIDEO_AUDIO),
        commands.join(SOURCE, SOURCE, TARGET, MP4),
        *(commands.master(SOURCE, TARGET, Mastering(), ENCODINGS[each]) for each in AudioFormat),
    ],
    ids=["conform", "master", "join", *AudioFormat],
)
def test_outputs_contain_no_creation_time(arguments: list[str]) -> None:
    assert after(arguments, "-map_metadata") == "-1"
    assert after(arguments, "-fflags") == "+bitexact"
    assert arguments[-1] == "file:/out/b.mp4"


def test_join_copies_the_streams_and_puts_the_index_first() -> None:
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
def test_master_applies_gain_and_limiter(mastering: Mastering, filters: str) -> None:
    assert after(commands.master(SOURCE, TARGET, mastering, VIDEO_AUDIO), "-af") == filters


def test_the_audio_of_a_video_is_encoded_as_engine_version_3_does() -> None:
    """Guards the bytes of videos: other arguments need another engine version."""
    assert commands.master(SOURCE, TARGET, Mastering(), VIDEO_AUDIO) == [
        *("-v", "error", "-i", "file:/in/a.mp4", "-map", "0:a:0", "-af", "volume=0.000dB:precision=double"),
        *("-c:a", "aac", "-aac_coder", "fast", "-b:a", "160k", "-ar", "48000", "-flags:a", "+bitexact"),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
        *("-movflags", "+faststart", "-f", "ipod", "file:/out/b.mp4"),
    ]


def test_a_mono_track_is_put_on_both_sides_after_the_limiter() -> None:
    arguments = commands.master(
        SOURCE, TARGET, Mastering(6.0, -6.0206), ENCODINGS[AudioFormat.MP3], dual_mono=True
    )
    *_, makeup, spread = after(arguments, "-af").split(",aresample=48000,")[1].split(",")
    assert (makeup, spread) == ("volume=0.446dB:precision=double", "pan=stereo|c0=c0|c1=c0")
    assert (after(arguments, "-c:a"), after(arguments, "-b:a")) == ("libmp3lame", "128k")


@pytest.mark.parametrize(
    ("seconds", "filters"),
    [
        (3.0, "aresample=48000,ebur128=peak=true:framelog=quiet"),
        (0.25, "aresample=48000,aloop=loop=-1:size=12000,atrim=end=1,ebur128=peak=true:framelog=quiet"),
    ],
)
def test_measure_repeats_sound_too_short_for_the_meter(seconds: float, filters: str) -> None:
    assert after(commands.measure(SOURCE, seconds), "-af") == filters


def test_one_channel_is_measured_as_if_it_came_from_both_sides() -> None:
    filters = after(commands.measure(SOURCE, 3.0, dual_mono=True), "-af")
    assert filters == "aresample=48000,pan=mono|c0=c0,ebur128=peak=true:framelog=quiet:dualmono=true"


def test_a_short_channel_is_repeated_before_it_is_measured() -> None:
    filters = after(commands.measure(SOURCE, 0.25, dual_mono=True), "-af").split(",")
    assert filters[1:4] == ["aloop=loop=-1:size=12000", "atrim=end=1", "pan=mono|c0=c0"]


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("a b.mp4", "'file:/in/a b.mp4'"), ("it's.mp4", "'file:/in/it'\\''s.mp4'"), ("a\\b", "'file:/in/a\\b'")],
)
def test_concat_script_escapes_names(name: str, quoted: str) -> None:
    script = commands.concat_script(
        [(Path("/in") / name, Fraction(3, 2)), (Path("/in/last"), Fraction(2, 3))]
    )
    assert script.splitlines() == [
        "ffconcat version 1.0",
        f"file {quoted}",
        "duration 1.500000",
        "file 'file:/in/last'",
        "duration 0.666667",
    ]


def test_the_durations_of_a_concat_script_do_not_drift() -> None:
    parts = [(Path("/in/part.mp4"), Fraction(1, 3))] * 3000
    durations = [line.split()[1] for line in commands.concat_script(parts).splitlines() if "duration" in line]
    assert set(durations) == {"0.333333", "0.333334"}
    assert sum(map(Fraction, durations)) == 1000


def test_conform_reads_the_parts_of_its_scene_one_after_the_other() -> None:
    canvas, overlay = Canvas(2, 2, Fraction(1)), DELIVERIES[VideoFormat.VP9_ALPHA]
    arguments = commands.conform(SOURCE, TARGET, canvas, ScenePlan(Fraction(1), 1), overlay)
    assert arguments[: arguments.index("-map")] == [
        *("-v", "error", "-c:v", "libvpx-vp9", "-max_pixels", "67108864"),
        *("-f", "concat", "-safe", "0", "-i", "file:/in/a.mp4"),
    ]
