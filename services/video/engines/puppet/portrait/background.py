"""Composes the picture that fills the frame: the portrait, and the background beside and behind it."""

import re
from pathlib import Path

import cv2
import numpy as np

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import BLUR
from services.video.engines.puppet.geometry.types import Array, Image, Plane, Region, Size
from services.video.engines.puppet.portrait.framing import Framing, framed
from services.video.engines.puppet.portrait.read import Portrait, read_portrait

BLURRED_SIDE, BLUR_SHARE, DIMMED = 160, 0.05, 0.8
WHITE = 255


def composed(portrait: Portrait, framing: Framing, background: str | Path | None, max_pixels: int) -> Image:
    """Returns the composed picture, (height, width, 3) BGR of the framing's size.

    Raises `InvalidArgument` for a background that is no colour, `MediaUnreadable` for one that is no picture.
    """
    pixels, place = framed(portrait.image, framing), framing.place
    opacity = _framed_opacity(portrait, framing)
    if opacity is None and (place.width, place.height) == framing.size:
        return pixels
    picture = _background_picture(portrait, framing.size, _or_default(background, framing), max_pixels)
    part = place.of(picture)
    part[:] = pixels if opacity is None else _laid_on(part, pixels, opacity)
    return picture


def own_opacity(portrait: Portrait, framing: Framing) -> Plane | None:
    """Returns the opacity of a portrait that is transparent somewhere, else `None`.

    It is (height, width) of the framing's size.
    """
    opacity = _framed_opacity(portrait, framing)
    if opacity is None:
        return None
    width, height = framing.size
    whole = np.zeros((height, width), dtype=np.uint8)
    framing.place.of(whole)[:] = opacity
    return whole


def _framed_opacity(portrait: Portrait, framing: Framing) -> Plane | None:
    return None if portrait.opacity is None else framed(portrait.opacity, framing)


def _or_default(background: str | Path | None, framing: Framing) -> str | Path:
    """Returns the background or its default.

    That is blurred beside a portrait, and white behind one that fills the picture but is transparent.
    """
    if background is not None:
        return background
    return "#ffffff" if framing.place == Region(0, 0, *framing.size) else BLUR


def _laid_on(behind: Image, on_white: Image, opacity: Plane) -> Array:
    """Blends the portrait over the background.

    The portrait's pixels are already blended with white: only the share that shines through is changed.
    """
    through = (WHITE - opacity.astype(np.float32))[:, :, None] / 255
    return np.clip(on_white + through * (behind.astype(np.float32) - WHITE) + 0.5, 0, 255)


def _background_picture(portrait: Portrait, size: Size, background: str | Path, max_pixels: int) -> Image:
    if isinstance(background, Path):
        return _covering(read_portrait(background, max_pixels).image, size)
    if background == BLUR:
        return _blurred(portrait.image, size)
    picture = np.empty((size[1], size[0], 3), dtype=np.uint8)
    picture[:] = _colour(background)
    return picture


def _blurred(image: Image, size: Size) -> Image:
    """Returns the image blurred and dimmed; computed at a small size, as nothing in it is sharp."""
    shrink = BLURRED_SIDE / max(size)
    small = _covering(image, (max(2, round(size[0] * shrink)), max(2, round(size[1] * shrink))))
    soft = cv2.GaussianBlur(small, (0, 0), BLUR_SHARE * BLURRED_SIDE)
    dimmed = np.asarray(soft * DIMMED, dtype=np.uint8)
    return np.asarray(cv2.resize(dimmed, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _covering(image: Image, size: Size) -> Image:
    """Resizes the middle of the image, as much of it as the shape of `size` takes."""
    height, width = image.shape[:2]
    zoom = max(size[0] / width, size[1] / height)
    part_width, part_height = min(width, round(size[0] / zoom)), min(height, round(size[1] / zoom))
    left, top = (width - part_width) // 2, (height - part_height) // 2
    part = image[top : top + max(1, part_height), left : left + max(1, part_width)]
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, size, interpolation=method), dtype=np.uint8)


def _colour(text: str) -> tuple[int, int, int]:
    """Returns the BGR of a colour such as `#20a0ff`. Raises `InvalidArgument` for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise InvalidArgument(f"The background {text!r} is neither {BLUR!r} nor a colour such as #20a0ff.")
    red, green, blue = (int(text[start : start + 2], 16) for start in (1, 3, 5))
    return blue, green, red
