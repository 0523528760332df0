"""Refuses a batch with invalid lines as a whole, with all of their errors."""

from collections.abc import Iterable, Sequence

from services.chassis.text.quoted import shortened
from services.gateway.http.errors import ApiError, ErrorDetail

MAX_CUSTOM_ID = 200


class BatchRefused(ApiError):
    """The refusal of a batch of which nothing was stored, with the errors in the order of the lines."""

    def __init__(self, errors: Iterable[ErrorDetail]) -> None:
        details = sorted(errors, key=lambda error: error.line or 0)
        count, first = len({error.line for error in details}), details[0]
        message = (
            f"{count} {'line is' if count == 1 else 'lines are'} wrong; nothing was made. "
            f"Line {first.line}: {first.message}"
        )
        super().__init__(422, "batch_invalid", message, f"line {first.line}", details=details)


def line_errors(line: int, custom_id: str | None, errors: Iterable[ErrorDetail]) -> list[ErrorDetail]:
    """Returns the errors as those of a line."""
    name = custom_id if custom_id is None or len(custom_id) <= MAX_CUSTOM_ID else shortened(custom_id)
    return [error.model_copy(update={"line": line, "custom_id": name}) for error in errors]


def body_errors(errors: Sequence[ApiError]) -> list[ErrorDetail]:
    """Returns the refusals of a job as errors of its line, whose `body` has the fields."""
    return [
        detail.model_copy(update={"param": f"body.{detail.param}" if detail.param else "body"})
        for error in errors
        for detail in error.details
    ]
