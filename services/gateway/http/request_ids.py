"""Ids by which a request is found in logs and traces. Every answer carries them."""

import uuid

from fastapi import Request
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, format_trace_id
from starlette.datastructures import Headers
from starlette.types import Scope

REQUEST_ID_HEADER = "x-request-id"
TRACE_ID_HEADER = "x-trace-id"
MAX_REQUEST_ID = 128
_IDS = RandomIdGenerator()


def new_request_id() -> str:
    return f"req_{uuid.uuid4().hex}"


def assign_ids(scope: Scope) -> dict[str, str]:
    """Gives the request its ids, for the rest of its handling. Returns them as headers of the response.

    The request id is the caller's `x-request-id`, if it sent one; the trace id that of the current span.
    """
    sent = Headers(scope=scope).get(REQUEST_ID_HEADER, "")[:MAX_REQUEST_ID]
    ids = {
        REQUEST_ID_HEADER: sent or new_request_id(),
        TRACE_ID_HEADER: format_trace_id(trace.get_current_span().get_span_context().trace_id),
    }
    scope.setdefault("state", {})["ids"] = ids
    return ids


def id_headers(request: Request) -> dict[str, str]:
    """Returns the headers with the request's ids; none before `assign_ids`."""
    return getattr(request.state, "ids", {})


def request_id_of(request: Request) -> str | None:
    return id_headers(request).get(REQUEST_ID_HEADER)


def trace_id_of(request: Request) -> str | None:
    return id_headers(request).get(TRACE_ID_HEADER)


def traced() -> Context | None:
    """Returns the context of a new trace; `None` if there is a current span already.

    Its span is not recorded: where nothing exports spans, a trace id still joins the logs of all services.
    """
    if trace.get_current_span().get_span_context().is_valid:
        return None
    flags = TraceFlags(TraceFlags.SAMPLED)
    context = SpanContext(
        _IDS.generate_trace_id(), _IDS.generate_span_id(), is_remote=False, trace_flags=flags
    )
    return trace.set_span_in_context(NonRecordingSpan(context))
