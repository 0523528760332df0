"""Refuses a batch with invalid lines as a whole, with all of their errors."""

from collections.abc import Iterable, Sequence

from services.chassis.text.quoted import shortened
from services.gateway.http.errors import ApiError, ErrorDetail

MAX_CUSTOM_ID = 200
MAX_LINE_ERRORS = 10
"""Errors that are kept of each line: all of a thousand lines would take gigabytes."""


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


def line_errors(line: int, custom_id: str | None, errors: Sequence[ErrorDetail]) -> list[ErrorDetail]:
    """Returns the errors as those of a line; of many the first `MAX_LINE_ERRORS`, and how many more there
    are."""
    name = custom_id if custom_id is None or len(custom_id) <= MAX_CUSTOM_ID else shortened(custom_id)
    listed = [*errors[:MAX_LINE_ERRORS]]
    if more := len(errors) - len(listed):
        message = f"{more} more {'thing is' if more == 1 else 'things are'} wrong with this line."
        listed.append(ErrorDetail(code="invalid_request", message=message, param=None))
    return [error.model_copy(update={"line": line, "custom_id": name}) for error in listed]


def body_errors(errors: Iterable[ApiError]) -> Sequence[ErrorDetail]:
    """Returns the refusals of a job as errors of its line, whose `body` has the fields."""
    details = [detail for error in errors for detail in error.details]
    # Those beyond are only counted.
    listed = details[:MAX_LINE_ERRORS]
    return [in_body(detail) for detail in listed] + details[MAX_LINE_ERRORS:]


def in_body(detail: ErrorDetail) -> ErrorDetail:
    return detail.model_copy(update={"param": f"body.{detail.param}" if detail.param else "body"})
