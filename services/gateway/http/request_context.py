"""Gives every request its ids, a log line and a place in the metrics."""

import time
from collections.abc import Mapping

import structlog
from opentelemetry import context
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.observability.logs import bound_fields
from services.gateway.http.request_ids import REQUEST_ID_HEADER, assign_ids, traced

log = structlog.get_logger()
REQUESTS = Counter("likeness_http_requests_total", "HTTP requests", ["method", "route", "status"])
SECONDS = Histogram("likeness_http_request_seconds", "Time to the end of the response", ["method", "route"])


def is_quiet(scope: Scope) -> bool:
    """Returns whether the request is a probe or for metrics: those are neither logged nor traced."""
    return scope.get("path") in ("/healthz", "/readyz", "/metrics")


class RequestContext:
    """ASGI middleware that logs and measures requests, and sends their ids in the headers of the response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_quiet(scope):
            await self._app(scope, receive, send)
            return
        new_trace = traced()
        token = context.attach(new_trace) if new_trace is not None else None
        try:
            ids = assign_ids(scope)
            with bound_fields({"request_id": ids[REQUEST_ID_HEADER]}):
                await self._observe(scope, receive, send, ids)
        finally:
            if token is not None:
                context.detach(token)

    async def _observe(self, scope: Scope, receive: Receive, send: Send, ids: Mapping[str, str]) -> None:
        status = 500
        begun = time.perf_counter()

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(ids)
            await send(message)

        try:
            await self._app(scope, receive, send_with_ids)
        finally:
            report(scope, status, time.perf_counter() - begun)


def report(scope: Scope, status: int, seconds: float) -> None:
    method, route = scope["method"], getattr(scope.get("route"), "path", "unmatched")
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    log.info("http.request", method=method, route=route, status=status, milliseconds=round(seconds * 1e3, 1))
