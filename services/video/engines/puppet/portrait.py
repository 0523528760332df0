"""Reads portraits."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.video.engines.puppet.locator import Image

_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, ZeroDivisionError)


def read_portrait(path: Path, max_pixels: int) -> Image:
    """The picture as (height, width, 3) BGR, turned as its EXIF says, on white where it is transparent.

    The size is checked in the header: `InvalidArgument` above `max_pixels`, before anything is decoded.
    `MediaUnreadable` for all that is no whole picture.
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


def _decoded(path: Path, max_pixels: int) -> Image:
    with Pillow.open(path) as picture:
        _check_size(picture.width, picture.height, max_pixels)
        return _as_bgr(ImageOps.exif_transpose(picture))


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise InvalidArgument(
            f"The portrait has {width}x{height} pixels; at most {max_pixels:,} fit. Send a smaller picture."
        )


def _as_bgr(picture: Pillow.Image) -> Image:
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        picture = Pillow.alpha_composite(Pillow.new("RGBA", layered.size, "white"), layered)
    rgb = np.asarray(picture.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])
