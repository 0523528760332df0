"""Chooses and writes the thumbnail of a video."""

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

import av
from PIL import Image, ImageStat

CANDIDATES = 60
DARK = 24.0


def write_thumbnail(video: Path, target: Path, seconds: float) -> None:
    """Writes the first frame from `seconds` on that is not black as JPEG, or the brightest of those tried."""
    best, best_brightness = None, -1.0
    for image in islice(_frames_from(video, seconds), CANDIDATES):
        brightness = ImageStat.Stat(image.convert("L")).mean[0]
        if brightness > best_brightness:
            best, best_brightness = image, brightness
        if brightness > DARK:
            break
    assert best is not None
    best.save(target, "JPEG", quality=90, optimize=True)


def _frames_from(video: Path, seconds: float) -> Iterator[Image.Image]:
    """Yields the frames from `seconds` on, or the last one if there are none so late."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        container.seek(int(seconds * av.time_base))
        latest, yielded = None, False
        decoder = _decoder(stream)
        for packet in container.demux(stream):
            for frame in decoder.decode(packet):  # pyright: ignore[reportUnknownMemberType] - PyAV's generic
                latest = frame
                if _time_of(frame) >= seconds - 1e-3:
                    yielded = True
                    yield _on_white(frame)
        if latest is not None and not yielded:
            yield _on_white(latest)


def _decoder(stream: av.VideoStream) -> av.VideoCodecContext:
    """Returns a decoder that keeps opacity, which FFmpeg's own VP9 decoder ignores."""
    if stream.codec_context.name != "vp9":
        return stream.codec_context
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    return decoder


def _time_of(frame: av.VideoFrame) -> float:
    """Returns minus infinity for a frame without a timestamp."""
    # PyAV's types say that there always is one.
    time: float | None = frame.time
    return -math.inf if time is None else time  # pyright: ignore[reportUnnecessaryComparison]


def _on_white(frame: av.VideoFrame) -> Image.Image:
    if not any(component.is_alpha for component in frame.format.components):
        return cast(Any, frame).to_image()  # has no types
    image = Image.fromarray(frame.to_ndarray(format="rgba"), "RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
