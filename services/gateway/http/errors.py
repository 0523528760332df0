"""Errors that the API reports as `{"error": {code, message, type, param}}`."""

from services.chassis.errors import LikenessError, Reason

STATUS: dict[Reason, int] = {
    Reason.INVALID_ARGUMENT: 422,
    Reason.FACE_NOT_FOUND: 422,
    Reason.MEDIA_UNREADABLE: 422,
    Reason.VOICE_UNKNOWN: 422,
    Reason.ENGINE_UNKNOWN: 422,
    Reason.ARTIFACT_MISSING: 409,
    Reason.ENGINE_UNAVAILABLE: 503,
    Reason.STORE_UNAVAILABLE: 503,
    Reason.BUS_UNAVAILABLE: 503,
    Reason.TIMED_OUT: 504,
}


class ApiError(LikenessError):
    """A refusal with its own code and HTTP status; `param` is the field that is wrong."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message, reason=Reason.INVALID_ARGUMENT)
        self.status = status
        self.code = code
        self.param = param


def not_found(kind: str, identifier: str) -> ApiError:
    return ApiError(404, f"{kind}_not_found", f"There is no {kind} {identifier!r} in this workspace.", "id")


def invalid(code: str, message: str, param: str | None) -> ApiError:
    return ApiError(422, code, message, param)
