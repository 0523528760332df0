"""The error of an upload that is refused."""

from services.chassis.errors import LikenessError, Reason


class AssetRefused(LikenessError):
    """A file that cannot become an asset. `code` is stable, `status` is the HTTP status."""

    reason = Reason.MEDIA_UNREADABLE

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
