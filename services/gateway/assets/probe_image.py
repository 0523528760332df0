"""Probes images with Pillow."""

from pathlib import Path

from PIL import Image
from PIL.ExifTags import Base

from services.gateway.assets.decoding import decoding
from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.headers import webp
from services.gateway.assets.headers.reader import opened
from services.gateway.assets.media import MediaLimits, ProbedMedia, check_size

MEDIA_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Media types by Pillow's formats. MPO is a JPEG with more pictures behind the first, as phones write it."""
FORMATS = ("JPEG", "PNG", "WEBP")
IMAGE_TYPES = frozenset(MEDIA_TYPES.values())
# EXIF orientations that turn the picture by a quarter.
SIDEWAYS = frozenset({5, 6, 7, 8})
MAX_WEBP_PIXELS = 24_000_000
"""The WebP decoder takes 16 bytes for each pixel, four times as many as the others."""


def probe_image(path: Path, limits: MediaLimits) -> ProbedMedia:
    """Reads the size from the header, and decodes the image only if it is within the limits.

    Raises `AssetRefused`.
    """
    with decoding("image"):
        try:
            return _probe(path, limits)
        except Image.DecompressionBombError as exc:
            message = f"The image has more pixels than the limit of {limits.max_pixels}. Scale it down."
            raise AssetRefused(413, "image_too_large", message) from exc


def _probe(path: Path, limits: MediaLimits) -> ProbedMedia:
    _check_webp(path, limits)
    with Image.open(path, formats=FORMATS) as image:
        width, height = image.size
        check_size("image", width, height, limits)
        image.verify()
    # `verify` checks the file's structure and leaves the image unusable; decoding needs a new one.
    with Image.open(path, formats=FORMATS) as image:
        # A JPEG is read to its end and drawn at an eighth of its size, in an eighth of the memory.
        image.draft(image.mode, (1, 1))
        image.load()
        media_type = MEDIA_TYPES[image.format or ""]
        if image.getexif().get(Base.Orientation) in SIDEWAYS:
            width, height = height, width
    return ProbedMedia("image", media_type, width, height)


def _check_webp(path: Path, limits: MediaLimits) -> None:
    with opened(path) as reader:
        if not webp.is_webp(reader.some(0, 12)):
            return
        width, height = webp.size_of(reader)
    check_size("image", width, height, limits)
    if width * height > MAX_WEBP_PIXELS:
        message = (
            f"The image has {width}×{height} pixels; the limit of WebP is {MAX_WEBP_PIXELS / 1e6:.0f} "
            "megapixels. Scale it down, or send it as JPEG or PNG."
        )
        raise AssetRefused(413, "image_too_large", message)
