"""Reads portraits from image files."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from services.chassis.engine_api.media_bounds import check_picture
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.video.engines.puppet.geometry.types import Image, Plane, Size

FORMATS = ("JPEG", "PNG", "WEBP")
"""Formats that are tried; Pillow knows others that run programs."""
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, ZeroDivisionError)


@dataclass(frozen=True, slots=True)
class Portrait:
    """Decoded portrait: `image` is (height, width, 3) BGR, on white where the picture is transparent.

    `opacity`, (height, width), is `None` unless the picture is transparent somewhere.
    """

    image: Image
    opacity: Plane | None = None

    @property
    def size(self) -> Size:
        height, width = self.image.shape[:2]
        return width, height


def read_portrait(path: Path, max_pixels: int) -> Portrait:
    """Reads the picture and turns it as its EXIF says.

    The size is checked in the header, before anything is decoded: raises `InvalidArgument` above `max_pixels`
    and for a shape that no portrait has. Raises `MediaUnreadable` for what is no whole picture.
    """
    try:
        with warnings.catch_warnings():
            # The size is checked below, against a limit of our own.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            return _decoded(path, max_pixels)
    except Pillow.DecompressionBombError as exc:
        raise InvalidArgument(f"The portrait has too many pixels: at most {max_pixels:,} fit.") from exc
    except _UNREADABLE as exc:
        raise MediaUnreadable(
            "The portrait cannot be read as a picture. Send a whole JPEG, PNG or WebP file."
        ) from exc


def _decoded(path: Path, max_pixels: int) -> Portrait:
    # Its decoder takes memory for the whole canvas as soon as the file is opened.
    if size := _webp_size(path):
        check_picture("portrait", *size, max_pixels)
    with Pillow.open(path, formats=FORMATS) as picture:
        check_picture("portrait", picture.width, picture.height, max_pixels)
        return _layers(ImageOps.exif_transpose(picture))


def _webp_size(path: Path) -> Size | None:
    """Returns the size of the canvas of an extended WebP file: only these can be larger than one picture."""
    with path.open("rb") as file:
        head = file.read(30)
    if head[:4] != b"RIFF" or head[8:16] != b"WEBPVP8X" or len(head) < 30:
        return None
    return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1


def _layers(picture: Pillow.Image) -> Portrait:
    if not picture.has_transparency_data:
        return Portrait(_as_bgr(picture))
    layered = picture.convert("RGBA")
    opacity = np.asarray(layered.getchannel("A"))
    on_white = Pillow.alpha_composite(Pillow.new("RGBA", layered.size, "white"), layered)
    return Portrait(_as_bgr(on_white), None if opacity.min() == 255 else opacity)


def _as_bgr(picture: Pillow.Image) -> Image:
    rgb = np.asarray(picture.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])
