"""Probes images with Pillow."""

from pathlib import Path

from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import Base

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.media import MediaLimits, ProbedMedia, check_pixels

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
IMAGE_TYPES = frozenset(MEDIA_TYPES.values())
# EXIF orientations that turn the picture by a quarter.
SIDEWAYS = frozenset({5, 6, 7, 8})


def probe_image(path: Path, limits: MediaLimits) -> ProbedMedia:
    """Reads the size from the header, and decodes the image only if it is within the limit.

    Raises `AssetRefused`.
    """
    try:
        with Image.open(path, formats=tuple(MEDIA_TYPES)) as image:
            width, height = image.size
            check_pixels("image", width, height, limits)
            image.verify()
        # `verify` checks the file's structure and leaves the image unusable; decoding needs a new one.
        with Image.open(path, formats=tuple(MEDIA_TYPES)) as image:
            image.load()
            media_type = MEDIA_TYPES[image.format or ""]
            if image.getexif().get(Base.Orientation) in SIDEWAYS:
                width, height = height, width
    except Image.DecompressionBombError as exc:
        message = f"The image has more pixels than the limit of {limits.max_pixels}. Scale it down."
        raise AssetRefused(413, "image_too_large", message) from exc
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as exc:
        message = "The image is damaged or cut off. Save it again and send the new file."
        raise AssetRefused(422, "image_corrupt", message) from exc
    return ProbedMedia("image", media_type, width, height)
