"""Gives every request an id, a span, a log line and a place in the metrics."""

import time
import uuid

import structlog
from opentelemetry import trace
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.telemetry import context_from, tracer
from services.gateway.exception_handlers import REQUEST_ID_HEADER

log = structlog.get_logger()
REQUESTS = Counter("likeness_http_requests_total", "HTTP requests", ["method", "route", "status"])
SECONDS = Histogram("likeness_http_request_seconds", "Time to the end of the response", ["method", "route"])
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestContext:
    """ASGI middleware. The span's parent is the caller's `traceparent`, if it sent one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = headers.get(REQUEST_ID_HEADER, "")[:128] or f"req_{uuid.uuid4().hex}"
        scope.setdefault("state", {})["request_id"] = request_id
        with (
            tracer().start_as_current_span(
                f"{scope['method']} {scope['path']}",
                context=context_from(headers.get("traceparent")),
                kind=trace.SpanKind.SERVER,
            ) as span,
            structlog.contextvars.bound_contextvars(request_id=request_id),
        ):
            await self._observe(scope, receive, send, span, request_id)

    async def _observe(
        self, scope: Scope, receive: Receive, send: Send, span: trace.Span, request_id: str
    ) -> None:
        status = 500
        begun = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                if REQUEST_ID_HEADER.encode() not in present:
                    message["headers"] = [
                        *message["headers"],
                        (REQUEST_ID_HEADER.encode(), request_id.encode("latin-1")),
                    ]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - begun
            route = getattr(scope.get("route"), "path", "unmatched")
            span.update_name(f"{scope['method']} {route}")
            span.set_attribute("http.response.status_code", status)
            REQUESTS.labels(scope["method"], route, status).inc()
            SECONDS.labels(scope["method"], route).observe(seconds)
            log.info(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                milliseconds=round(seconds * 1e3, 1),
            )
