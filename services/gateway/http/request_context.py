"""Gives every request an id, a log line and a place in the metrics."""

import time
import uuid

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.observability.logs import bound_fields
from services.gateway.http.exception_handlers import REQUEST_ID_HEADER

log = structlog.get_logger()
REQUESTS = Counter("likeness_http_requests_total", "HTTP requests", ["method", "route", "status"])
SECONDS = Histogram("likeness_http_request_seconds", "Time to the end of the response", ["method", "route"])


def is_quiet(scope: Scope) -> bool:
    """Returns whether the request is a probe or for metrics: those are neither logged nor traced."""
    return scope.get("path") in ("/healthz", "/readyz", "/metrics")


class RequestContext:
    """ASGI middleware that logs and measures requests. The request id is the caller's `x-request-id`, if it
    sent one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_quiet(scope):
            await self._app(scope, receive, send)
            return
        request_id = Headers(scope=scope).get(REQUEST_ID_HEADER, "")[:128] or f"req_{uuid.uuid4().hex}"
        scope.setdefault("state", {})["request_id"] = request_id
        with bound_fields({"request_id": request_id}):
            await self._observe(scope, receive, send, request_id)

    async def _observe(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        status = 500
        begun = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            report(scope, status, time.perf_counter() - begun)


def report(scope: Scope, status: int, seconds: float) -> None:
    method, route = scope["method"], getattr(scope.get("route"), "path", "unmatched")
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    log.info("http.request", method=method, route=route, status=status, milliseconds=round(seconds * 1e3, 1))
