import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.video.engines.puppet.portrait.read import read_portrait
from tests.hostile.media.pictures import webp_of_size

LIMIT = 50_000_000


def png_header(path: Path, width: int, height: int) -> Path:
    """Writes a PNG that claims a size and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b""))
    return path


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (50_001, 1000), (60_000, 60_000)])
def test_a_picture_with_too_many_pixels_is_refused_by_its_header(
    tmp_path: Path, width: int, height: int
) -> None:
    with pytest.raises(InvalidArgument, match="pixels"):
        read_portrait(png_header(tmp_path / "huge.png", width, height), LIMIT)


@pytest.mark.parametrize(("width", "height"), [(64_000, 780), (780, 64_000), (16_385, 2000), (1001, 100)])
def test_a_shape_that_no_portrait_has_is_refused(tmp_path: Path, width: int, height: int) -> None:
    with pytest.raises(InvalidArgument, match=f"{width}x{height}"):
        read_portrait(png_header(tmp_path / "strip.png", width, height), LIMIT)


def test_the_canvas_of_a_webp_is_checked_before_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "huge.webp").write_bytes(webp_of_size(16_383, 16_383))
    with pytest.raises(InvalidArgument, match="16383x16383"):
        read_portrait(tmp_path / "huge.webp", LIMIT)


@pytest.mark.parametrize("kind", ["TIFF", "EPS", "ICO", "GIF", "BMP", "PDF"])
def test_other_formats_are_not_even_tried(tmp_path: Path, kind: str) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "picture", kind)
    with pytest.raises(MediaUnreadable):
        read_portrait(tmp_path / "picture", LIMIT)


def test_a_turned_photo_is_set_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn right to see it upright
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0] = 255
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    upright = read_portrait(tmp_path / "turned.png", LIMIT).image
    assert upright.shape == (40, 20, 3)
    assert upright[5, 10].tolist() == [0, 0, 255] and upright[35, 10].tolist() == [0, 0, 0]


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1"])
def test_every_mode_becomes_bgr(tmp_path: Path, mode: str) -> None:
    suffix = "jpg" if mode == "CMYK" else "png"
    Image.new("RGB", (30, 20), "white").convert(mode).save(tmp_path / f"picture.{suffix}")
    picture = read_portrait(tmp_path / f"picture.{suffix}", LIMIT).image
    assert picture.shape == (20, 30, 3) and picture.dtype == np.uint8 and picture.min() == 255


def test_transparent_pixels_are_read_as_white(tmp_path: Path) -> None:
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    portrait = read_portrait(tmp_path / "clear.png", LIMIT)
    assert portrait.image.min() == 255
    assert portrait.opacity is not None and portrait.opacity.shape == (20, 30) and portrait.opacity.max() == 0


def test_an_opaque_picture_with_an_alpha_channel_has_no_opacity(tmp_path: Path) -> None:
    Image.new("RGBA", (30, 20), (9, 9, 9, 255)).save(tmp_path / "opaque.png")
    assert read_portrait(tmp_path / "opaque.png", LIMIT).opacity is None


@pytest.mark.parametrize("content", [b"", b"this is no picture", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_picture_is_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "junk.png").write_bytes(content)
    with pytest.raises(MediaUnreadable):
        read_portrait(tmp_path / "junk.png", LIMIT)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_truncated_picture_is_unreadable(tmp_path: Path, suffix: str) -> None:
    whole, part = tmp_path / f"whole.{suffix}", tmp_path / f"part.{suffix}"
    Image.effect_noise((200, 200), 90).convert("RGB").save(whole)
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(MediaUnreadable):
        read_portrait(part, LIMIT)
