"""The error of an upload that is refused."""

from services.chassis.errors import LikenessError, Reason
from services.gateway.http.declared import Codes

UPLOAD: Codes = {
    400: "file_empty",
    413: ("file_too_large", "image_too_large", "video_too_large", "audio_too_long", "video_too_long"),
    415: "unsupported_media_type",
    422: ("image_corrupt", "audio_corrupt", "audio_too_short", "video_corrupt"),
    503: "store_unavailable",
}
"""Errors of endpoints that take files."""


class AssetRefused(LikenessError):
    """A file that cannot become an asset. `code` is stable, `status` is the HTTP status."""

    reason = Reason.MEDIA_UNREADABLE

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
