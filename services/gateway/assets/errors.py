"""The error of an upload that is refused. Imports nothing that a process which reads a file does not need."""

from typing import TYPE_CHECKING

from services.chassis.errors import LikenessError, Reason

if TYPE_CHECKING:
    from services.gateway.assets.media import MediaKind
    from services.gateway.http.declared import Codes

UPLOAD: "Codes" = {
    400: "file_empty",
    413: ("file_too_large", "image_too_large", "video_too_large", "audio_too_long", "video_too_long"),
    415: "unsupported_media_type",
    422: ("image_corrupt", "audio_corrupt", "audio_too_short", "video_corrupt", "file_too_complex"),
    429: "too_many_uploads",
    503: ("store_unavailable", "uploads_busy"),
}
"""Errors of endpoints that take files."""


class AssetRefused(LikenessError):
    """A file that cannot become an asset. `code` is stable, `status` is the HTTP status."""

    reason = Reason.MEDIA_UNREADABLE

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def corrupt(kind: "MediaKind") -> AssetRefused:
    message = f"The {kind} cannot be decoded: it is damaged, cut off or empty. Export it again and send that."
    return AssetRefused(422, f"{kind}_corrupt", message)


def several(kind: "MediaKind") -> AssetRefused:
    message = f"The {kind} holds several recordings one after the other. Export it as one and send that."
    return AssetRefused(422, f"{kind}_corrupt", message)


def too_complex() -> AssetRefused:
    """Returns the refusal of a file whose decoding takes more memory or time than a file may have here, or
    breaks the decoder."""
    message = (
        "Reading this file takes more memory or time than is allowed, or breaks the decoder. Export it again "
        "with usual settings, smaller or shorter, and send that."
    )
    return AssetRefused(422, "file_too_complex", message)
