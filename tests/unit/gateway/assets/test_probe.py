"""Probes of every kind of uploaded file, accepted and refused, as tables."""

import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from PIL import Image

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.media import MediaLimits, ProbedMedia
from services.gateway.assets.probe import probe
from services.gateway.assets.probing.inspection import readable_by_engines
from tests.examples import CAT, PORTRAIT, READER

LIMITS = MediaLimits(max_bytes=20_000_000, max_pixels=50_000_000, max_seconds=60.0)
PICTURE = ["-f", "lavfi", "-i", "testsrc=size=64x48:duration=2"]
TONE = ["-f", "lavfi", "-i", "sine=duration=2"]


def encode(path: Path, *arguments: str) -> None:
    """Writes `path` with ffmpeg in the format of the last argument, whatever the file's suffix."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments, str(path)]
    subprocess.run(command, check=True)


def image(file_format: str, **options: object) -> Callable[[Path], None]:
    return lambda path: Image.new("RGB", (40, 30), "olive").save(path, file_format, **options)


def ffmpeg(*arguments: str) -> Callable[[Path], None]:
    return lambda path: encode(path, *arguments)


def wav(seconds: float, rate: int = 8000) -> Callable[[Path], None]:
    samples = 0.1 * np.sin(np.arange(round(seconds * rate)))
    return lambda path: soundfile.write(path, samples, rate, format="WAV")


def tagged_wav(path: Path) -> None:
    """Writes a recording whose artist's name is not UTF-8."""
    wav(2)(path)
    artist = b"IART" + struct.pack("<I", 6) + b"Bj\xf6rk\0"
    tags = b"LIST" + struct.pack("<I", 4 + len(artist)) + b"INFO" + artist
    data = path.read_bytes() + tags
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])


def content(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def cut(make: Callable[[Path], None], keep: float) -> Callable[[Path], None]:
    """Cuts the file off after its first part."""

    def write(path: Path) -> None:
        make(path)
        data = path.read_bytes()
        path.write_bytes(data[: round(len(data) * keep)])

    return write


def damaged(make: Callable[[Path], None]) -> Callable[[Path], None]:
    """Changes some bytes in the middle, where the head says nothing of it."""

    def write(path: Path) -> None:
        make(path)
        data = bytearray(path.read_bytes())
        middle = len(data) // 2
        data[middle : middle + 1000] = bytes((7 * byte + 13) % 256 for byte in data[middle : middle + 1000])
        path.write_bytes(data)

    return write


def no_numbers(path: Path) -> None:
    """Writes a recording in floating point whose samples are mostly no numbers."""
    samples = np.zeros(16_000, np.float32)
    samples[1000:] = np.nan
    soundfile.write(path, samples, 8000, format="WAV", subtype="FLOAT")


def quarter_turn() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


JPEG = image("JPEG", quality=95)
MP3 = ffmpeg(*TONE, "-f", "mp3")
BARE_MP3 = ffmpeg(*TONE, "-id3v2_version", "0", "-write_xing", "0", "-f", "mp3")
COVERED_MP3 = ffmpeg(*TONE, "-i", str(CAT), "-f", "mp3")
WEBM = ffmpeg(*PICTURE, "-c:v", "libvpx", "-f", "webm")
MP4 = ffmpeg(*PICTURE, *TONE, "-f", "mp4")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (JPEG, ("image", "image/jpeg", 40, 30)),
        (image("JPEG", exif=quarter_turn()), ("image", "image/jpeg", 30, 40)),
        (image("PNG"), ("image", "image/png", 40, 30)),
        (image("WEBP"), ("image", "image/webp", 40, 30)),
        (wav(2), ("audio", "audio/wav", None, None)),
        (tagged_wav, ("audio", "audio/wav", None, None)),
        (MP3, ("audio", "audio/mpeg", None, None)),
        (BARE_MP3, ("audio", "audio/mpeg", None, None)),
        (ffmpeg(*TONE, "-f", "flac"), ("audio", "audio/flac", None, None)),
        (ffmpeg(*TONE, "-c:a", "libvorbis", "-f", "ogg"), ("audio", "audio/ogg", None, None)),
        (ffmpeg(*TONE, "-c:a", "libopus", "-f", "ogg"), ("audio", "audio/ogg", None, None)),
        (ffmpeg(*TONE, "-f", "ipod"), ("audio", "audio/mp4", None, None)),
        (ffmpeg(*TONE, "-f", "adts"), ("audio", "audio/aac", None, None)),
        (ffmpeg(*TONE, "-f", "mov"), ("audio", "audio/mp4", None, None)),
        (ffmpeg(*TONE, "-f", "webm"), ("audio", "audio/webm", None, None)),
        (ffmpeg(*TONE, "-f", "aiff"), ("audio", "audio/aiff", None, None)),
        (ffmpeg(*TONE, "-f", "caf"), ("audio", "audio/x-caf", None, None)),
        (MP4, ("video", "video/mp4", 64, 48)),
        (ffmpeg(*PICTURE, "-f", "mov"), ("video", "video/quicktime", 64, 48)),
        (WEBM, ("video", "video/webm", 64, 48)),
        (COVERED_MP3, ("audio", "audio/mpeg", None, None)),
    ],
)
def test_accepted_files(tmp_path: Path, make: Callable[[Path], None], expected: tuple[object, ...]) -> None:
    path = tmp_path / "upload"
    make(path)
    media = probe(path, LIMITS)
    assert (media.kind, media.media_type, media.width, media.height) == expected
    if media.kind == "image":
        assert media.duration_seconds is None
    else:
        assert media.duration_seconds == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (content(b""), 400, "file_empty"),
        (content(bytes(20_000_001)), 413, "file_too_large"),
        (content(b"Dear all, this is no recording.\n" * 100), 415, "unsupported_media_type"),
        (content(b"%PDF-1.7\n" + bytes(500)), 415, "unsupported_media_type"),
        (
            content(b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n"),
            415,
            "unsupported_media_type",
        ),
        (content(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 415, "unsupported_media_type"),
        (content(bytes(range(256)) * 40), 415, "unsupported_media_type"),
        (image("GIF"), 415, "unsupported_media_type"),
        (ffmpeg(*PICTURE, "-f", "matroska"), 415, "unsupported_media_type"),
        (ffmpeg(*PICTURE, "-f", "avi"), 415, "unsupported_media_type"),
        (ffmpeg(*TONE, "-f", "asf"), 415, "unsupported_media_type"),
        (content(png_that_claims(10_000, 10_000)), 413, "image_too_large"),
        (content(png_that_claims(60_000, 60_000)), 413, "image_too_large"),
        (content(png_that_claims(100, 100)), 422, "image_corrupt"),
        (cut(JPEG, 0.6), 422, "image_corrupt"),
        (cut(image("PNG"), 0.5), 422, "image_corrupt"),
        (cut(image("WEBP"), 0.5), 422, "image_corrupt"),
        (content(b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"junk" * 100), 422, "image_corrupt"),
        (content(b"RIFF\x24\x40\x00\x00WAVE" + b"junk" * 100), 422, "audio_corrupt"),
        (wav(0), 422, "audio_corrupt"),
        (content(b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"junk" * 1000), 422, "audio_corrupt"),
        (content(b"fLaC\x00\x00\x00\x22" + b"junk" * 100), 422, "audio_corrupt"),
        (content(b"OggS\x00\x02" + b"junk" * 100), 422, "audio_corrupt"),
        (wav(61, 1000), 413, "audio_too_long"),
        (wav(1 / 8000), 422, "audio_too_short"),
        (wav(0.05), 422, "audio_too_short"),
        (ffmpeg("-f", "lavfi", "-i", "sine=duration=0.01", "-f", "mp3"), 422, "audio_too_short"),
        (damaged(ffmpeg(*TONE, "-f", "flac")), 422, "audio_corrupt"),
        (damaged(MP3), 422, "audio_corrupt"),
        (cut(ffmpeg(*TONE, "-f", "flac"), 0.6), 422, "audio_corrupt"),
        (no_numbers, 422, "audio_corrupt"),
        (
            ffmpeg("-f", "lavfi", "-i", "color=size=16x16:rate=1:duration=70", "-f", "mp4"),
            413,
            "video_too_long",
        ),
        (cut(MP4, 0.7), 422, "video_corrupt"),
        (cut(WEBM, 0.02), 422, "video_corrupt"),
    ],
)
def test_refused_files(tmp_path: Path, make: Callable[[Path], None], status: int, code: str) -> None:
    path = tmp_path / "sound.wav"
    make(path)
    with pytest.raises(AssetRefused) as refused:
        readable_by_engines(path, LIMITS)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert len(refused.value.message.split(". ")) >= 2, "it says what is wrong, and then what to do"


def test_a_video_with_too_many_pixels_is_refused(tmp_path: Path) -> None:
    WEBM(tmp_path / "upload")
    with pytest.raises(AssetRefused, match="64×48") as refused:
        probe(tmp_path / "upload", MediaLimits(20_000_000, 64 * 48 - 1, 60.0))
    assert refused.value.code == "video_too_large"


def test_the_examples_are_accepted() -> None:
    assert probe(READER, LIMITS) == ProbedMedia("audio", "audio/wav", duration_seconds=7.1)
    assert probe(PORTRAIT, LIMITS).kind == "image"
    assert probe(CAT, LIMITS).kind == "image"
