"""Gives what the HTTP server itself refuses the shape of the API's errors."""

from services.chassis.http_server.refusals import Headers, Refusal
from services.gateway.http.caching import NO_STORE
from services.gateway.http.errors import ErrorDetail, ErrorObject, ErrorResponse, error_type
from services.gateway.http.protection.security_headers import HEADERS, POLICY
from services.gateway.http.request_ids import REQUEST_ID_HEADER, new_request_id


def render_refusal(refusal: Refusal) -> tuple[Headers, bytes]:
    """Returns the headers and the body of the response. Its request has no trace: no handler has seen it."""
    request_id = new_request_id()
    error = ErrorObject(
        code=refusal.code,
        message=refusal.message,
        type=error_type(refusal.status),
        param=None,
        retryable=refusal.retry_after is not None,
        retry_after=refusal.retry_after,
        details=[ErrorDetail(code=refusal.code, message=refusal.message, param=None)],
        trace_id=None,
        request_id=request_id,
    )
    headers = [
        ("content-type", "application/json"),
        ("cache-control", NO_STORE),
        (REQUEST_ID_HEADER, request_id),
        *((name.decode(), value.decode()) for name, value in (*HEADERS, *POLICY)),
    ]
    return headers, ErrorResponse(error=error).model_dump_json(exclude={"detail"}).encode()
