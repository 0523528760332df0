"""Adds the middleware of the public API."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware

from services.gateway.http.auth import ELEVENLABS_KEY_HEADER
from services.gateway.http.caching import Caching
from services.gateway.http.exception_handlers import handle_unexpected
from services.gateway.http.methods import METHODS, Methods
from services.gateway.http.protection.cors import Cors
from services.gateway.http.protection.rate_limits import DEVELOPMENT, RateLimits, RequestLimits
from services.gateway.http.protection.security_headers import SecurityHeaders
from services.gateway.http.request_context import RequestContext
from services.gateway.http.request_ids import REQUEST_ID_HEADER, TRACE_ID_HEADER

REQUEST_HEADERS = (
    "authorization",
    ELEVENLABS_KEY_HEADER,
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "traceparent",
    REQUEST_ID_HEADER,
)
"""Headers that a page of another origin may send."""
RESPONSE_HEADERS = (
    REQUEST_ID_HEADER,
    TRACE_ID_HEADER,
    "retry-after",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "etag",
    "location",
    "content-disposition",
    "openai-poll-after-ms",
)
"""Headers that a page of another origin may read."""


def add_middleware(
    app: FastAPI, cors_origins: Sequence[str] = (), request_limits: RequestLimits = DEVELOPMENT
) -> None:
    """Adds the middleware of the API, the innermost first. Pages of `cors_origins` may call it from a
    browser; `*` stands for any origin.

    An unexpected exception becomes a response here, inside the rest: a 500 has all headers that others have.
    Keys are sent as headers, so no page needs credentials, such as cookies, to be allowed.
    """
    app.add_middleware(ServerErrorMiddleware, handler=handle_unexpected)
    app.add_middleware(Methods)
    app.add_middleware(Caching)
    app.add_middleware(RateLimits, limits=request_limits)
    if cors_origins:
        app.add_middleware(
            Cors,
            allow_origins=cors_origins,
            allow_methods=(*METHODS, "HEAD", "OPTIONS"),
            allow_headers=REQUEST_HEADERS,
            expose_headers=RESPONSE_HEADERS,
        )
    app.add_middleware(RequestContext)
    app.add_middleware(SecurityHeaders)
