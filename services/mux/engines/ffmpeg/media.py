"""Measures and decodes the media of scenes; refuses what cannot be read by the number of its scene."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from services.chassis.engine_api.media_bounds import (
    MAX_FRAME_RATE,
    MAX_SAMPLES,
    MAX_VIDEO_SIDE,
    check_video,
)
from services.chassis.errors import MediaUnreadable
from services.chassis.sound.heard import open_sound
from services.mux.engines.ffmpeg.plan import SAMPLE_RATE, PictureFormat, PicturePart, SceneFacts
from services.mux.engines.protocol import SceneMedia

Streams = TypeVar("Streams")
MIN_SECONDS = Fraction(1, 1000)
MAX_SPEECH_SAMPLES = 4 * MAX_SAMPLES
MAX_FRAMES = 4 * 3600 * MAX_FRAME_RATE
# A file's content must not make ffmpeg open other files or addresses, as playlists do.
SAFE_INPUT = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,matroska,webm,avi,wav,mp3,flac,ogg,aac",
}


def read_scene(number: int, scene: SceneMedia) -> SceneFacts:
    """Measures scene `number` (the first is 1). Raises `MediaUnreadable`."""
    picture, parts = _read_parts(f"The picture of scene {number}", scene.parts)
    if scene.speech is None:
        return SceneFacts(picture, parts)
    with _naming(f"The speech of scene {number}"):
        samples = sum(block.size for block in decode_speech(scene.speech))
        _check_length(samples, SAMPLE_RATE)
    return SceneFacts(picture, parts, samples / SAMPLE_RATE)


def read_speech(number: int, speech: Path) -> Fraction:
    """Returns the exact length of the speech of scene `number` (the first is 1) in seconds.

    The whole file is decoded. Raises `MediaUnreadable`.
    """
    advice = "Give the speech of that scene anew"
    with _naming(f"The speech of scene {number}", advice):
        sound = open_sound("speech", speech, MAX_SPEECH_SAMPLES)
        samples = sum(block.size for block in sound.blocks())
        _check_length(samples, sound.rate)
        return Fraction(samples, sound.rate)


def _check_length(samples: int, rate: int) -> None:
    """Raises `ValueError` for a sound that is shorter than an encoder's smallest block."""
    if samples < MIN_SECONDS * rate:
        raise ValueError("it has no sound in it" if not samples else "it is shorter than a millisecond")


def decode_speech(path: Path) -> Iterator[NDArray[np.float32]]:
    """Yields blocks of mono samples at 48 kHz, from -1 to 1."""
    sound = open_sound("speech", path, MAX_SPEECH_SAMPLES)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    for block in sound.blocks():
        frame = av.AudioFrame.from_ndarray(block[None], format="flt", layout="mono")
        frame.sample_rate = sound.rate
        for resampled in resampler.resample(frame):
            yield _samples(resampled)
    for resampled in resampler.resample(None):
        yield _samples(resampled)


def _samples(frame: av.AudioFrame) -> NDArray[np.float32]:
    return frame.to_ndarray().reshape(-1).astype(np.float32, copy=False)


def _read_parts(what: str, paths: Sequence[Path]) -> tuple[PictureFormat, tuple[PicturePart, ...]]:
    """Returns the format that all parts have, and the parts that have frames."""
    formats: list[PictureFormat] = []
    parts: list[PicturePart] = []
    for number, path in enumerate(paths, start=1):
        if path.exists() and not path.stat().st_size:
            continue
        with _naming(what if len(paths) == 1 else f"{what}, in part {number} of {len(paths)},"):
            picture, part = _read_part(path)
            if formats and picture != formats[0]:
                raise ValueError("it has another format than the parts before")
        formats.append(picture)
        parts.append(part)
    with _naming(what):
        if not parts:
            raise ValueError("it has no frames")
    return formats[0], tuple(parts)


def _read_part(path: Path) -> tuple[PictureFormat, PicturePart]:
    """Returns the format of a file, and what is its own: the number of its frames and its `extradata`."""
    with _open(path) as container:
        stream = _only(container.streams.video)
        codec = stream.codec_context
        rate, base = stream.average_rate, stream.time_base
        if not rate or not base or not codec.width or not codec.height:
            raise ValueError("its frame rate or size is unknown")
        check_video("picture", codec.width, codec.height, rate)
        codec.options = {"max_pixels": str(MAX_VIDEO_SIDE**2)}
        expected = stream.frames
        if next(container.decode(stream), None) is None:
            raise ValueError("it has no frames")
        container.seek(0)
        # The duration that containers state is rounded, to milliseconds in some: parts would drift.
        frames = _count_packets(container, stream)
        if frames < expected:
            raise ValueError("it is cut off")
        picture = PictureFormat(
            codec=codec.name,
            pixel_format=codec.pix_fmt or "",
            width=codec.width,
            height=codec.height,
            frame_rate=rate,
            time_base=base,
        )
        return picture, PicturePart(path, frames, codec.extradata or b"")


def _count_packets(container: InputContainer, stream: VideoStream) -> int:
    """Returns the number of frames. Raises `ValueError` for more than any scene has."""
    count = 0
    for packet in container.demux(stream):
        count += bool(packet.size)
        if count > MAX_FRAMES:
            raise ValueError(f"it has more than {MAX_FRAMES:,} frames")
    return count


def _open(path: Path) -> InputContainer:
    return av.open(str(path), options=SAFE_INPUT, metadata_errors="replace")


def _only(streams: tuple[Streams, ...]) -> Streams:
    if not streams:
        raise ValueError("it has no such stream")
    return streams[0]


@contextmanager
def _naming(what: str, advice: str = "Render that scene again") -> Generator[None]:
    try:
        yield
    except FFmpegError as exc:
        raise MediaUnreadable(f"{what} cannot be read: {exc.strerror}. {advice}.") from exc
    except (ValueError, MediaUnreadable) as exc:
        raise MediaUnreadable(f"{what} cannot be read: {exc}. {advice}.") from exc
