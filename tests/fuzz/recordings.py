"""Makes small proper files of all formats that can be uploaded, and of some that cannot."""

import io
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, cast

import av
import numpy as np
from PIL import Image

RATE = 16_000
SECONDS = 0.4


def picture(form: str, mode: str = "RGB", **options: Any) -> bytes:
    rows = np.arange(48 * 64 * 4, dtype=np.uint32).astype(np.uint8).reshape(48, 64, 4)
    out = io.BytesIO()
    Image.fromarray(rows, "RGBA").convert(mode).save(out, form, **options)
    return out.getvalue()


def animation(form: str, **options: Any) -> bytes:
    frames = [Image.new("RGB", (64, 48), (shade, 0, 0)) for shade in (0, 90, 180)]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], **options)
    return out.getvalue()


def sound(form: str, codec: str, rate: int = RATE) -> bytes:
    times = np.arange(int(rate * SECONDS)) / rate
    samples = (8000 * np.sin(2 * np.pi * 220 * times)).astype(np.int16)[None]
    out = io.BytesIO()
    with av.open(out, "w", format=form) as opened:
        container = cast(Any, opened)
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        frame.pts = 0
        frame.time_base = Fraction(1, rate)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


def film(form: str, codec: str, pixels: str = "yuv420p") -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=form) as opened:
        container = cast(Any, opened)
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        for number in range(5):
            shade = np.full((48, 64, 3), number * 40, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return out.getvalue()


MAKERS: Mapping[str, Callable[[], bytes]] = {
    "jpeg": lambda: picture("JPEG"),
    "grey jpeg": lambda: picture("JPEG", "L", progressive=True),
    "cmyk jpeg": lambda: picture("JPEG", "CMYK"),
    "mpo": lambda: animation("MPO"),
    "png": lambda: picture("PNG", "RGBA"),
    "palette png": lambda: picture("PNG", "P"),
    "apng": lambda: animation("PNG"),
    "webp": lambda: picture("WEBP", lossless=True),
    "lossy webp": lambda: picture("WEBP"),
    "animated webp": lambda: animation("WEBP"),
    "gif": lambda: animation("GIF"),
    "tiff": lambda: picture("TIFF"),
    "bmp": lambda: picture("BMP"),
    "wav": lambda: sound("wav", "pcm_s16le"),
    "float wav": lambda: sound("wav", "pcm_f32le"),
    "adpcm wav": lambda: sound("wav", "adpcm_ima_wav"),
    "mp3": lambda: sound("mp3", "libmp3lame"),
    "flac": lambda: sound("flac", "flac"),
    "ogg": lambda: sound("ogg", "flac"),
    "opus": lambda: sound("ogg", "libopus", 48_000),
    "aac": lambda: sound("adts", "aac"),
    "m4a": lambda: sound("ipod", "aac"),
    "caf": lambda: sound("caf", "pcm_s16le"),
    "aiff": lambda: sound("aiff", "pcm_s16be"),
    "weba": lambda: sound("webm", "libopus", 48_000),
    "alac caf": lambda: sound("caf", "alac"),
    "two wav": lambda: sound("wav", "pcm_s16le") * 2,
    "mp4": lambda: film("mp4", "libx264"),
    "mov": lambda: film("mov", "mpeg4"),
    "png mov": lambda: film("mov", "png", "rgb24"),
    "webm": lambda: film("webm", "libvpx-vp9"),
    "avi": lambda: film("avi", "mpeg4"),
    "mkv": lambda: film("matroska", "libx264"),
}


@cache
def recordings() -> Mapping[str, bytes]:
    return {name: make() for name, make in MAKERS.items()}
