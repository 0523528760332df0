"""Refuses a batch with invalid lines as a whole, with all of their errors."""

from collections.abc import Iterable

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from services.gateway.http.errors import ApiError
from services.gateway.http.exception_handlers import (
    TOO_MANY_ERRORS,
    error_response,
    errors_of,
    validation_message,
)

MAX_ERRORS = 50


class LineError(BaseModel):
    """One error in a line."""

    line: int = Field(description="From 1.")
    custom_id: str | None
    field: str | None
    code: str
    message: str


class BatchRefused(ApiError):
    """The refusal of a batch of which nothing was stored, with the errors in the order of the lines."""

    def __init__(self, errors: Iterable[LineError]) -> None:
        self.errors = sorted(errors, key=lambda error: error.line)
        count = len({error.line for error in self.errors})
        first = self.errors[0]
        at = f"{first.field}: " if first.field else ""
        message = (
            f"{count} {'line is' if count == 1 else 'lines are'} wrong; nothing was made. "
            f"Line {first.line}: {at}{first.message}"
        )
        super().__init__(422, "batch_invalid", message, f"line {first.line}")


def handle_batch_refused(request: Request, exc: Exception) -> JSONResponse:
    """Returns the usual envelope, with up to 50 of the errors beside the message."""
    if not isinstance(exc, BatchRefused):
        raise exc
    errors = [error.model_dump() for error in exc.errors[:MAX_ERRORS]]
    extra = {"errors": errors, "error_count": len(exc.errors)}
    return error_response(request, exc.status, exc.code, exc.message, exc.param, extra)


def validation_errors(
    line: int, custom_id: str | None, exc: ValidationError, path: str = ""
) -> list[LineError]:
    """Returns all errors that pydantic has found in one line, or one summary if they are too many.

    `path` precedes the names of the fields.
    """
    errors = errors_of(exc)
    if not errors:
        code, message = "invalid_request", TOO_MANY_ERRORS
        return [LineError(line=line, custom_id=custom_id, field=None, code=code, message=message)]
    return [
        LineError(
            line=line,
            custom_id=custom_id,
            field=(path + ".".join(map(str, error["loc"]))).rstrip(".") or None,
            code="invalid_request",
            message=validation_message(error),
        )
        for error in errors
    ]


def line_error(line: int, custom_id: str, exc: ApiError) -> LineError:
    """Returns the error of a line whose job is refused; the field is one of `body`."""
    field = f"body.{exc.param}" if exc.param else "body"
    return LineError(line=line, custom_id=custom_id, field=field, code=exc.code, message=exc.message)
