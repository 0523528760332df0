"""Errors of the API: the exceptions that handlers raise, and the one shape in which all are sent."""

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.chassis.errors import LikenessError, Reason
from services.chassis.text.quoted import quoted, shortened

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
MAX_DETAILS = 50
RETRY_SECONDS = 2
"""Time after which a client may send a request again that nothing could serve now."""
RETRY_STATUSES = frozenset({429, 503})
"""Statuses of errors that say when to try again."""
ErrorType = Literal[
    "authentication_error",
    "permission_error",
    "not_found_error",
    "rate_limit_error",
    "invalid_request_error",
    "server_error",
]


class ErrorDetail(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="Constant: programs decide by it.")
    message: str = Field(description="What is wrong and what to do, for people.")
    param: str | None = Field(description="The field that is wrong, such as `scenes.2.voice`.")
    line: int | None = Field(default=None, description="The line of a batch, from 1.")
    custom_id: str | None = Field(default=None, description="What the line of a batch calls itself.")


class ErrorObject(BaseModel):
    """An error. Every field is always there."""

    code: str = Field(description="Constant: programs decide by it.")
    message: str = Field(description="What is wrong and what to do, for people; may change.")
    type: ErrorType = Field(description="Follows from the HTTP status.")
    param: str | None = Field(description="The field that is wrong; null if there is none.")
    retryable: bool = Field(description="Whether the same request may succeed later.")
    retry_after: int | None = Field(description="Seconds to wait first, as in the header `Retry-After`.")
    details: list[ErrorDetail] = Field(
        description=f"Everything that is wrong with the request, up to {MAX_DETAILS} entries. The first has "
        "the code, message and param above; those of a batch are about its lines. Empty with 5xx."
    )
    trace_id: str | None = Field(description="The request's trace, as in the header `X-Trace-Id`.")
    request_id: str | None = Field(description="As in the header `X-Request-Id`, and in the gateway's log.")


class ElevenLabsDetail(BaseModel):
    """An error as ElevenLabs' clients read it."""

    status: str
    message: str


class ErrorResponse(BaseModel):
    """The body of every answer with an error."""

    error: ErrorObject
    detail: ElevenLabsDetail | None = Field(
        default=None, description="Only for callers that send their key as `xi-api-key`."
    )


class ApiError(LikenessError):
    """A refusal with its own code and HTTP status; `param` is the field that is wrong.

    `details` lists everything that is wrong, if that is more than this. `retry_later`: the same request may
    succeed later; `retry_after`: in so many seconds.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        param: str | None = None,
        *,
        details: Sequence[ErrorDetail] = (),
        retry_later: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, reason=Reason.INVALID_ARGUMENT)
        self.status = status
        self.code = code
        self.param = param and shortened(param)
        self.details = tuple(details) or (ErrorDetail(code=code, message=message, param=self.param),)
        self.retry_later = retry_later
        self.retry_after = RETRY_SECONDS if retry_after is None and status in RETRY_STATUSES else retry_after

    @property
    def retryable(self) -> bool:
        return self.retry_later


def not_found(kind: str, identifier: str) -> ApiError:
    message = f"There is no {kind} {quoted(identifier)} in this workspace."
    return ApiError(404, f"{kind}_not_found", message, "id")


def invalid(code: str, message: str, param: str | None) -> ApiError:
    return ApiError(422, code, message, param)


def combined(errors: Sequence[ApiError]) -> ApiError:
    """Returns one refusal for all of them, which are at least one: the first, with the details of each."""
    first = errors[0]
    details = dict.fromkeys(detail for error in errors for detail in error.details)
    return ApiError(
        first.status,
        first.code,
        first.message,
        first.param,
        details=tuple(details),
        retry_later=first.retry_later,
    )


def renamed(error: ApiError, name: Callable[[str | None], str | None]) -> ApiError:
    """Returns the refusal with each field called what `name` returns for it."""
    details = [detail.model_copy(update={"param": name(detail.param)}) for detail in error.details]
    return ApiError(
        error.status,
        error.code,
        error.message,
        details[0].param,
        details=details,
        retry_later=error.retry_later,
        retry_after=error.retry_after,
    )


def error_type(status: int) -> ErrorType:
    match status:
        case 401:
            return "authentication_error"
        case 403:
            return "permission_error"
        case 404:
            return "not_found_error"
        case 429:
            return "rate_limit_error"
        case _:
            return "invalid_request_error" if status < 500 else "server_error"
