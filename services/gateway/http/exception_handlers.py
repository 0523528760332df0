"""Turns every exception into an error response: one envelope, with the request's id."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.chassis.errors import LikenessError
from services.gateway.assets.errors import AssetRefused
from services.gateway.db.pool import UNREACHABLE_ERRORS, UNSTORABLE_ERRORS
from services.gateway.http.auth import speaks_elevenlabs
from services.gateway.http.errors import STATUS, ApiError

REQUEST_ID_HEADER = "x-request-id"
NO_EXTRA_FIELDS: Mapping[str, Any] = MappingProxyType({})
MAX_VALIDATION_ERRORS = 1000
TOO_MANY_ERRORS = f"More than {MAX_VALIDATION_ERRORS} things are wrong with it. /docs says what goes here."
log = structlog.get_logger()


def install_exception_handlers(app: FastAPI) -> None:
    app.add_exception_handler(LikenessError, handle_likeness_error)
    app.add_exception_handler(RequestValidationError, handle_validation_error)
    app.add_exception_handler(ValidationError, handle_validation_error)
    app.add_exception_handler(HTTPException, handle_http_exception)
    for kind in UNSTORABLE_ERRORS:
        app.add_exception_handler(kind, handle_unstorable)
    for kind in (*UNREACHABLE_ERRORS, TimeoutError):
        app.add_exception_handler(kind, handle_unreachable)
    app.add_exception_handler(ClientDisconnect, handle_disconnect)
    app.add_exception_handler(Exception, handle_unexpected)


class ErrorResponse(JSONResponse):
    """A JSON response in ASCII: a message may quote half of a surrogate pair, which has no UTF-8."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode()


def error_response(
    request: Request,
    status: int,
    code: str,
    message: str,
    param: str | None = None,
    extra: Mapping[str, Any] = NO_EXTRA_FIELDS,
) -> JSONResponse:
    body: dict[str, Any] = {
        "code": code,
        "message": message,
        "type": error_type(status),
        "param": param,
        **extra,
    }
    request_id = getattr(request.state, "request_id", "")
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "2"
    envelope: dict[str, Any] = {"error": body | {"request_id": request_id}}
    if speaks_elevenlabs(request):
        envelope["detail"] = {"status": code, "message": message}
    return ErrorResponse(envelope, status, headers)


def error_type(status: int) -> str:
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


def handle_likeness_error(request: Request, exc: Exception) -> JSONResponse:
    match exc:
        case ApiError() | AssetRefused():
            return error_response(request, exc.status, exc.code, exc.message, getattr(exc, "param", None))
        case LikenessError():
            return error_response(request, STATUS.get(exc.reason, 500), exc.reason.value, exc.message)
        case _:
            raise exc


def handle_validation_error(request: Request, exc: Exception) -> JSONResponse:
    if not isinstance(exc, RequestValidationError | ValidationError):
        raise exc
    errors = errors_of(exc)
    if not errors:
        return error_response(request, 422, "invalid_request", TOO_MANY_ERRORS)
    first = errors[0]
    path = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    message = validation_message(first)
    return error_response(
        request, 422, "invalid_request", f"{path}: {message}" if path else message, path or None
    )


def errors_of(exc: RequestValidationError | ValidationError) -> Sequence[Any]:
    """Returns an empty list if there are so many that listing them takes minutes and gigabytes."""
    too_many = isinstance(exc, ValidationError) and exc.error_count() > MAX_VALIDATION_ERRORS
    return [] if too_many else exc.errors()


def validation_message(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "There is no such field. Check its spelling; /docs lists the fields."
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return str(error["msg"])


def handle_http_exception(request: Request, exc: Exception) -> JSONResponse:
    if not isinstance(exc, HTTPException):
        raise exc
    phrase = HTTPStatus(exc.status_code).phrase
    message = (
        "There is no such endpoint; /docs lists them." if exc.detail == phrase == "Not Found" else exc.detail
    )
    return error_response(request, exc.status_code, phrase.lower().replace(" ", "_"), str(message))


def handle_unstorable(request: Request, exc: Exception) -> JSONResponse:
    log.info("http.request_unstorable", path=request.url.path, error=type(exc).__name__)
    message = "The request holds a character or a number that cannot be stored, such as NUL. Leave it out."
    return error_response(request, 422, "invalid_request", message)


def handle_unreachable(request: Request, exc: Exception) -> JSONResponse:
    log.warning("http.database_unavailable", path=request.url.path, error=str(exc))
    message = "The gateway cannot reach its database now. Try again in a few seconds."
    return error_response(request, 503, "database_unavailable", message)


def handle_disconnect(request: Request, exc: Exception) -> JSONResponse:
    """Returns a 400 that the client no longer reads: it keeps the disconnection from counting as a failure of
    the gateway."""
    log.info("http.client_disconnected", path=request.url.path)
    return error_response(request, 400, "client_gone", "The request broke off.")


def handle_unexpected(request: Request, exc: Exception) -> JSONResponse:
    log.error("http.request_failed", path=request.url.path, exc_info=exc)
    message = (
        "The gateway failed to handle this request. It has been logged; quote the request id to its operator."
    )
    return error_response(request, 500, "internal_error", message)
