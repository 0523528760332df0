"""Properties of media files, and the limits on them."""

from dataclasses import dataclass
from typing import Literal

from services.gateway.assets.errors import AssetRefused

MediaKind = Literal["image", "audio", "video"]
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
}
"""The suffix of each media type that is stored; recordings of other types are converted before."""


MAX_SIDE = 16_384
MAX_ASPECT = 32


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """The largest file, picture and duration that are accepted."""

    max_bytes: int
    max_pixels: int
    max_seconds: float


@dataclass(frozen=True, slots=True)
class ProbedMedia:
    """Properties of a media file that was probed.

    `width` and `height` are in pixels, as the picture is shown; a property that the kind does not have is
    `None`. Audio that is not `as_is` has to be converted before engines can read it.
    """

    kind: MediaKind
    media_type: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    as_is: bool = True


def check_size(kind: MediaKind, width: int, height: int, limits: MediaLimits) -> None:
    """Raises `AssetRefused` for a picture whose decoding would take more memory than allowed, or that is a
    strip."""
    if width * height > limits.max_pixels:
        allowed = f"{limits.max_pixels / 1e6:.0f} megapixels"
        message = f"The {kind} has {width}×{height} pixels; the limit is {allowed}. Scale it down."
    elif max(width, height) > MAX_SIDE:
        message = f"The {kind} has {width}×{height} pixels; a side has at most {MAX_SIDE}. Scale it down."
    elif max(width, height) > MAX_ASPECT * min(width, height):
        message = (
            f"The {kind} has {width}×{height} pixels; one side is at most {MAX_ASPECT} times as long as the "
            "other. Cut it."
        )
    else:
        return
    raise AssetRefused(413, f"{kind}_too_large", message)


def check_seconds(kind: MediaKind, seconds: float, limits: MediaLimits) -> None:
    """Raises `AssetRefused` for a recording that is too long."""
    if seconds > limits.max_seconds:
        message = f"The {kind} is longer than the limit of {limits.max_seconds:g} seconds. Cut it."
        raise AssetRefused(413, f"{kind}_too_long", message)
