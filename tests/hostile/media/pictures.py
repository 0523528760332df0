"""Pictures: ordinary ones, and those that claim to be large or cost a lot to decode."""

import io
import struct
import zlib
from fractions import Fraction
from typing import Any

import av
from av.video.stream import VideoStream
from PIL import Image

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

BLUE = (20, 40, 200)


def drawn(kind: str, width: int = 64, height: int = 48, **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), BLUE).save(target, kind, **options)
    return target.getvalue()


def mpo(count: int = 2) -> bytes:
    """Returns a JPEG with more pictures behind the first, as phones write it."""
    target = io.BytesIO()
    more = [Image.new("RGB", (160, 120), BLUE) for _ in range(count - 1)]
    Image.new("RGB", (320, 240), BLUE).save(target, "MPO", save_all=True, append_images=more)
    return target.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(
    width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2, data: bytes = b"\0"
) -> bytes:
    """Returns a PNG whose head claims this size, whatever its data are."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", head),
            *chunks,
            png_chunk(b"IDAT", zlib.compress(data, 9)),
            png_chunk(b"IEND", b""),
        ]
    )


def inflated(megabytes: int) -> bytes:
    return zlib.compress(bytes(megabytes << 20), 9)


def jpeg_of_size(width: int, height: int) -> bytes:
    """Returns a small JPEG whose head claims another size."""
    data = drawn("JPEG")
    start = data.index(b"\xff\xc0")
    return data[: start + 5] + struct.pack(">HH", height, width) + data[start + 9 :]


def webp(width: int, height: int) -> bytes:
    return drawn("WEBP", width, height, lossless=True, method=0)


def webp_of_size(width: int, height: int) -> bytes:
    """Returns a WebP file whose extended head claims this canvas."""
    picture = drawn("WEBP", 16, 16, lossless=True)[12:]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    content = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + picture
    return b"RIFF" + struct.pack("<I", len(content)) + content


def video_of(codec: str, picture: bytes, side: int, frames: int, container: str = "mov") -> bytes:
    """Returns a video whose frames are copies of one encoded picture."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.width = stream.height = side
        stream.pix_fmt = "rgb24" if codec == "png" else "yuvj420p"
        for number in range(frames):
            packet = av.Packet(picture)
            packet.stream = stream
            packet.time_base = Fraction(1, 10)
            packet.pts = packet.dts = number
            packet.duration = 1
            output.mux(packet)
    return target.getvalue()


def encoded_video(codec: str, container: str, frames: int = 10, pixels: str = "yuv420p") -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        for _ in range(frames):
            output.mux(stream.encode(av.VideoFrame(64, 48, pixels)))
        output.mux(stream.encode(None))
    return target.getvalue()


def unknown_codec() -> bytes:
    """Returns a MOV video whose codec no decoder knows."""
    return video_of("mjpeg", drawn("JPEG"), 64, 10).replace(b"jpeg", b"zzzz")
