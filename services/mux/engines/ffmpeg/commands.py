"""Builds ffmpeg's arguments, as pure functions."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from services.chassis.engine_api.media_bounds import MAX_VIDEO_SIDE
from services.mux.engines.ffmpeg.delivery import Delivery
from services.mux.engines.ffmpeg.encoding import AudioEncoding
from services.mux.engines.ffmpeg.loudness import Mastering
from services.mux.engines.ffmpeg.plan import SAMPLE_RATE, Canvas, ScenePlan

REPRODUCIBLE = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
METER = "ebur128=peak=true:framelog=quiet"
LOUDNESS_BLOCK_SECONDS = 0.4
ONE_SIDE = "pan=mono|c0=c0"
BOTH_SIDES = "pan=stereo|c0=c0|c1=c0"


def conform(
    concat_list: Path, target: Path, canvas: Canvas, scene: ScenePlan, delivery: Delivery
) -> list[str]:
    """Encodes the parts of one scene to the canvas.

    They are letterboxed; together they are exactly `scene.frames` long, with the last frame held.
    """
    size = f"{canvas.width}:{canvas.height}"
    filters = [
        f"scale={size}:force_original_aspect_ratio=decrease:out_color_matrix=bt709:out_range=tv",
        f"format={delivery.pixels}",
        f"pad={size}:(ow-iw)/2:(oh-ih)/2:{delivery.behind}",
        "setsar=1",
        f"fps={canvas.frame_rate}",
        "tpad=stop=-1:stop_mode=clone",
        f"format={delivery.pixels}",
        "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv",
    ]
    return [
        *("-v", "error", *delivery.decoder, "-max_pixels", str(MAX_VIDEO_SIDE**2)),
        *("-f", "concat", "-safe", "0", "-i", _address(concat_list), "-map", "0:v:0"),
        *("-vf", ",".join(filters), "-frames:v", str(scene.frames)),
        *("-c:v", *delivery.encoder, "-flags:v", "+bitexact"),
        *(*REPRODUCIBLE, "-f", delivery.container, _address(target)),
    ]


def measure(source: Path, seconds: float, *, dual_mono: bool = False) -> list[str]:
    """Prints the loudness of `source` into the log.

    Sound shorter than one block of the meter has no loudness, so it is repeated. With `dual_mono` the first
    channel is measured as if it came from both sides, in half of the time.
    """
    filters = [f"aresample={SAMPLE_RATE}", METER]
    if dual_mono:
        filters = [f"aresample={SAMPLE_RATE}", ONE_SIDE, f"{METER}:dualmono=true"]
    if seconds < LOUDNESS_BLOCK_SECONDS:
        repeat = f"aloop=loop=-1:size={max(1, int(seconds * SAMPLE_RATE))}"
        filters[1:1] = [repeat, "atrim=end=1"]
    return [
        "-v",
        "info",
        "-i",
        _address(source),
        "-map",
        "0:a:0",
        "-af",
        ",".join(filters),
        "-f",
        "null",
        "-",
    ]


def master(
    source: Path, target: Path, mastering: Mastering, encoding: AudioEncoding, *, dual_mono: bool = False
) -> list[str]:
    """Applies the gain, and the limiter where it is needed, and encodes.

    With `dual_mono` the source is mono, and is on both sides of the result.
    """
    filters = [f"volume={mastering.gain_db:.3f}dB:precision=double"]
    if mastering.ceiling_dbtp is not None:
        limit = 10 ** (mastering.ceiling_dbtp / 20)
        # Four times the sample rate, so that the limiter sees the peaks between samples.
        filters += [
            f"aresample={4 * SAMPLE_RATE}",
            f"alimiter=limit={limit:.6f}:attack=5:release=50:level=disabled:latency=1",
            f"aresample={SAMPLE_RATE}",
        ]
    if encoding.makeup_db:
        filters.append(f"volume={encoding.makeup_db:.3f}dB:precision=double")
    if dual_mono:
        filters.append(BOTH_SIDES)
    return [
        *("-v", "error", "-i", _address(source), "-map", "0:a:0", "-af", ",".join(filters)),
        *("-c:a", *encoding.encoder, "-ar", str(SAMPLE_RATE), "-flags:a", "+bitexact"),
        *(*REPRODUCIBLE, *encoding.finish, "-f", encoding.container, _address(target)),
    ]


def join(concat_list: Path, audio: Path, target: Path, delivery: Delivery) -> list[str]:
    """Copies all pictures, one after the other, and adds the audio."""
    return [
        *("-v", "error", "-f", "concat", "-safe", "0", "-i", _address(concat_list), "-i", _address(audio)),
        *("-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", "-c:a", *delivery.audio),
        *(*REPRODUCIBLE, "-flags:a", "+bitexact", *delivery.finish, "-f", delivery.container),
        _address(target),
    ]


def concat_script(pictures: Iterable[tuple[Path, Fraction]]) -> str:
    """Returns the concat demuxer's script: each picture and how many seconds it lasts.

    They are rounded to microseconds so that errors do not add up.
    """
    lines = ["ffconcat version 1.0"]
    elapsed, started = Fraction(0), 0
    for path, seconds in pictures:
        elapsed += seconds
        ends = round(elapsed * 1_000_000)
        lines += [f"file {_quoted(_address(path))}", f"duration {(ends - started) / 1e6:.6f}"]
        started = ends
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _address(path: Path) -> str:
    """Returns the path with its protocol, so that no file name is taken for an option or another protocol."""
    return f"file:{path.resolve()}"
