"""ffmpeg's arguments, as pure functions."""

from pathlib import Path

from services.mux.engines.ffmpeg.delivery import FAST_START, Delivery
from services.mux.engines.ffmpeg.loudness import Mastering
from services.mux.engines.ffmpeg.plan import SAMPLE_RATE, Canvas, ScenePlan

REPRODUCIBLE = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
METER = "ebur128=peak=true:framelog=quiet"
LOUDNESS_BLOCK_SECONDS = 0.4
# At 64 kbit/s and more as good as the usual way, by FFmpeg's own documentation, in half of the time.
AAC = ("aac", "-aac_coder", "fast", "-b:a", "160k")


def conform(source: Path, target: Path, canvas: Canvas, scene: ScenePlan, delivery: Delivery) -> list[str]:
    """Encode one picture to the canvas: letterboxed, exactly `scene.frames` long, its last frame held."""
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
        *("-v", "error", *delivery.decoder, "-i", _address(source), "-map", "0:v:0"),
        *("-vf", ",".join(filters), "-frames:v", str(scene.frames)),
        *("-c:v", *delivery.encoder, "-flags:v", "+bitexact"),
        *(*REPRODUCIBLE, "-f", delivery.container, _address(target)),
    ]


def measure(source: Path, seconds: float) -> list[str]:
    """Print the loudness of `source` into the log.

    Sound shorter than one block of the meter has no loudness, so it is measured as if it went on.
    """
    filters = [f"aresample={SAMPLE_RATE}", METER]
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


def master(source: Path, target: Path, mastering: Mastering) -> list[str]:
    """Apply the gain, and the limiter where it is needed, and encode an M4A."""
    filters = [f"volume={mastering.gain_db:.3f}dB:precision=double"]
    if mastering.ceiling_dbtp is not None:
        limit = 10 ** (mastering.ceiling_dbtp / 20)
        # Four times the sample rate, so that the limiter sees the peaks between samples.
        filters += [
            f"aresample={4 * SAMPLE_RATE}",
            f"alimiter=limit={limit:.6f}:attack=5:release=50:level=disabled:latency=1",
            f"aresample={SAMPLE_RATE}",
        ]
    return [
        *("-v", "error", "-i", _address(source), "-map", "0:a:0", "-af", ",".join(filters)),
        *("-c:a", *AAC, "-ar", str(SAMPLE_RATE), "-flags:a", "+bitexact"),
        *(*REPRODUCIBLE, *FAST_START, "-f", "ipod", _address(target)),
    ]


def join(concat_list: Path, audio: Path, target: Path, delivery: Delivery) -> list[str]:
    """Copy all pictures, one after the other, and lay the audio beside them."""
    return [
        *("-v", "error", "-f", "concat", "-safe", "0", "-i", _address(concat_list), "-i", _address(audio)),
        *("-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", "-c:a", *delivery.audio),
        *(*REPRODUCIBLE, "-flags:a", "+bitexact", *delivery.finish, "-f", delivery.container),
        _address(target),
    ]


def concat_script(pictures: list[tuple[Path, float]]) -> str:
    """What the concat demuxer reads: each picture and how many seconds it lasts."""
    lines = ["ffconcat version 1.0"]
    for path, seconds in pictures:
        lines += [f"file {_quoted(_address(path))}", f"duration {seconds:.6f}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _address(path: Path) -> str:
    """With the protocol named, so that no file name is taken for an option or another protocol."""
    return f"file:{path.resolve()}"
