"""Turns every exception into an error response: one shape, with the ids of the request and its trace."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.chassis.disk import disk_full, is_disk_full
from services.chassis.errors import LikenessError
from services.gateway.assets.errors import AssetRefused
from services.gateway.db.pool import UNREACHABLE_ERRORS, UNSTORABLE_ERRORS
from services.gateway.http.auth import speaks_elevenlabs
from services.gateway.http.errors import (
    MAX_DETAILS,
    STATUS,
    ApiError,
    ElevenLabsDetail,
    ErrorObject,
    ErrorResponse,
    error_type,
)
from services.gateway.http.protection.exposure import exposure_of
from services.gateway.http.request_ids import id_headers, request_id_of, trace_id_of
from services.gateway.http.validation import details_of

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
    app.add_exception_handler(OSError, handle_os_error)
    app.add_exception_handler(ClientDisconnect, handle_disconnect)
    app.add_exception_handler(Exception, handle_unexpected)


class AsciiJSONResponse(JSONResponse):
    """A JSON response in ASCII: a message may quote half of a surrogate pair, which has no UTF-8."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode()


def error_response(
    request: Request, error: ApiError, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Returns the response for the error; `headers` come in addition."""
    status = error.status
    more = {**(headers or {}), **id_headers(request)}
    if status == HTTPStatus.UNAUTHORIZED:
        more["www-authenticate"] = "Bearer"
    if error.retry_after is not None:
        more["retry-after"] = str(error.retry_after)
    details = () if status >= HTTPStatus.INTERNAL_SERVER_ERROR else error.details
    message = error.message
    if len(details) > MAX_DETAILS:
        message = f"{message} ({len(details)} things are wrong in all; the first {MAX_DETAILS} are listed.)"
    body = ErrorResponse(
        error=ErrorObject(
            code=error.code,
            message=message,
            type=error_type(status),
            param=error.param,
            retryable=error.retryable,
            retry_after=error.retry_after,
            details=list(details[:MAX_DETAILS]),
            trace_id=trace_id_of(request),
            request_id=request_id_of(request),
        ),
        detail=ElevenLabsDetail(status=error.code, message=message) if speaks_elevenlabs(request) else None,
    )
    return AsciiJSONResponse(body.model_dump(exclude=None if body.detail else {"detail"}), status, more)


def handle_likeness_error(request: Request, exc: Exception) -> JSONResponse:
    match exc:
        case ApiError():
            return error_response(request, exc)
        case AssetRefused():
            return error_response(request, ApiError(exc.status, exc.code, exc.message))
        case LikenessError():
            status, code = STATUS.get(exc.reason, 500), exc.reason.value
            return error_response(request, ApiError(status, code, exc.message, retry_later=exc.retryable))
        case _:
            raise exc


def handle_validation_error(request: Request, exc: Exception) -> JSONResponse:
    if not isinstance(exc, RequestValidationError | ValidationError):
        raise exc
    details = details_of(exc)
    first = details[0]
    return error_response(request, ApiError(422, first.code, first.message, first.param, details=details))


def handle_http_exception(request: Request, exc: Exception) -> JSONResponse:
    if not isinstance(exc, HTTPException):
        raise exc
    phrase = HTTPStatus(exc.status_code).phrase
    message = no_endpoint(request) if exc.detail == phrase == "Not Found" else exc.detail
    error = ApiError(exc.status_code, phrase.lower().replace(" ", "_"), str(message))
    return error_response(request, error, exc.headers)


def no_endpoint(request: Request) -> str:
    more = "; /docs lists them" if exposure_of(request).docs else ""
    return f"There is no such endpoint{more}."


def route_of(request: Request) -> str:
    """Returns the pattern of the request's path for the log: the path itself may hold a word of a lexicon."""
    return getattr(request.scope.get("route"), "path", "unmatched")


def handle_unstorable(request: Request, exc: Exception) -> JSONResponse:
    log.info("http.request_unstorable", route=route_of(request), error=type(exc).__name__)
    message = "The request holds a character or a number that cannot be stored, such as NUL. Leave it out."
    return error_response(request, ApiError(422, "invalid_request", message))


def handle_unreachable(request: Request, exc: Exception) -> JSONResponse:
    log.warning("http.database_unavailable", route=route_of(request), error=str(exc))
    message = "The gateway cannot reach its database now, or not write to it. Try again in a few seconds."
    return error_response(request, ApiError(503, "database_unavailable", message, retry_later=True))


def handle_os_error(request: Request, exc: Exception) -> JSONResponse:
    """Returns a 503 if the disk is full on which a body is kept; any other error is unexpected."""
    if not is_disk_full(exc):
        return handle_unexpected(request, exc)
    log.warning("http.disk_full", route=route_of(request), error=str(exc))
    return handle_likeness_error(request, disk_full())


def handle_disconnect(request: Request, exc: Exception) -> JSONResponse:
    """Returns a 400 that the client no longer reads: it keeps the disconnection from counting as a failure of
    the gateway."""
    log.info("http.client_disconnected", route=route_of(request))
    return error_response(request, ApiError(400, "client_gone", "The request broke off."))


def handle_unexpected(request: Request, exc: Exception) -> JSONResponse:
    log.error("http.request_failed", route=route_of(request), exc_info=exc)
    message = (
        "The gateway failed to handle this request. It has been logged; quote the request id to its operator."
    )
    return error_response(request, ApiError(500, "internal_error", message))
