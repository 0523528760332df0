"""Declares in the description of the API which errors an endpoint answers with."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from services.chassis.errors import Reason
from services.gateway.http.errors import (
    RETRY_SECONDS,
    RETRY_STATUSES,
    STATUS,
    ErrorDetail,
    ErrorObject,
    ErrorResponse,
    error_type,
)

Responses = dict[int | str, dict[str, Any]]
Codes = Mapping[int, str | Iterable[str]]
CODES = "x-error-codes"
"""The codes of an error response, in its description for programs."""
KIND = "{kind}"
"""Stands in a code for the name of a kind, until the kinds are known."""
SCHEMA = {"$ref": "#/components/schemas/ErrorResponse"}
RETRY_AFTER = {
    "Retry-After": {"required": True, "schema": {"type": "string"}, "description": "Seconds to wait first."}
}
HEADERS: Mapping[int, Mapping[str, Any]] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string", "const": "Bearer"}}},
    **dict.fromkeys(RETRY_STATUSES, RETRY_AFTER),
}
GUARD: Codes = {
    401: ("missing_api_key", "invalid_api_key"),
    413: "file_too_large",
    422: "invalid_request",
    429: ("rate_limit_exceeded", "concurrency_limit_reached"),
    500: "internal_error",
    503: "database_unavailable",
}
"""Errors of every endpoint that needs a key."""
UPLOADING: Codes = {429: "too_many_uploads", 503: "uploads_busy"}
"""Errors of every endpoint that reads a body with files."""
BODY: Codes = {400: ("bad_request", "invalid_json", "client_gone"), 422: "too_many_values"}
"""Errors of every endpoint that reads a body."""


def errors(*codes: Codes) -> Responses:
    """Returns the declaration of all these codes, by their HTTP statuses."""
    found: dict[int, dict[str, None]] = {}
    for each in codes:
        for status, names in each.items():
            listed = [names] if isinstance(names, str) else names
            found.setdefault(status, {}).update(dict.fromkeys(listed))
    return {status: error_response(status, list(names)) for status, names in sorted(found.items())}


def error_response(status: int, codes: list[str]) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    response: dict[str, Any] = {
        "description": f"{phrase}: {', '.join(f'`{code}`' for code in codes)}.",
        "content": {"application/json": {"schema": SCHEMA, "example": example_of(status, codes[0])}},
        CODES: codes,
    }
    return response | ({"headers": HEADERS[status]} if status in HEADERS else {})


def example_of(status: int, code: str) -> dict[str, Any]:
    message = "What is wrong, and what to do."
    param = "field" if status == HTTPStatus.UNPROCESSABLE_ENTITY else None
    detail = ErrorDetail(code=code, message=message, param=param)
    later = status in RETRY_STATUSES
    error = ErrorObject(
        code=code,
        message=message,
        type=error_type(status),
        param=param,
        retryable=later,
        retry_after=RETRY_SECONDS if later else None,
        details=[detail] if status < HTTPStatus.INTERNAL_SERVER_ERROR else [],
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
        request_id="req_1f6a0c",
    )
    return ErrorResponse(error=error).model_dump(exclude={"detail"})


def codes_of(responses: Mapping[Any, Mapping[str, Any]]) -> Codes:
    """Returns the codes that `errors` has declared in these responses."""
    return {int(status): response[CODES] for status, response in responses.items() if CODES in response}


def of_kind(responses: Mapping[str, Mapping[str, Any]], kinds: Iterable[str]) -> Responses:
    """Returns the errors of these responses with the names of kinds in place of `KIND`."""
    names = list(kinds)
    declared = codes_of(responses)
    return errors({status: [*named(codes, names)] for status, codes in declared.items()})


def named(codes: Iterable[str], kinds: Iterable[str]) -> Iterator[str]:
    for code in codes:
        yield from (code.replace(KIND, kind) for kind in kinds) if KIND in code else (code,)


def reasons(*raised: Reason) -> Codes:
    """Returns the codes of errors that services raise for these reasons."""
    found: dict[int, list[str]] = {}
    for reason in raised:
        found.setdefault(STATUS.get(reason, 500), []).append(reason.value)
    return found
