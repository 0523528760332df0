"""Calling another service's gRPC door: its errors come back as what they were raised as."""

from collections.abc import Generator
from contextlib import contextmanager

import grpc
from grpc import aio

from services.chassis.errors import EngineUnavailable, LikenessError, Reason, TimedOut
from services.chassis.observability.telemetry import current_traceparent

REASON_METADATA = "likeness-reason"
"""Trailing metadata that carries the `Reason` of a failed call."""

KNOWN_REASONS = frozenset(reason.value for reason in Reason)


@contextmanager
def translated_errors() -> Generator[None]:
    """Raises `LikenessError` with the server's reason in place of gRPC's own errors."""
    try:
        yield
    except aio.AioRpcError as exc:
        raise _translate(exc) from exc


def outgoing_metadata() -> tuple[tuple[str, str], ...]:
    """The current trace, for the server to go on with."""
    traceparent = current_traceparent()
    return (("traceparent", traceparent),) if traceparent else ()


def _translate(exc: aio.AioRpcError) -> LikenessError:
    details = exc.details() or exc.code().name
    for key, value in exc.trailing_metadata() or ():
        if key == REASON_METADATA and value in KNOWN_REASONS:
            return LikenessError(details, reason=Reason(value))
    match exc.code():
        case grpc.StatusCode.UNAVAILABLE:
            return EngineUnavailable("The service does not answer. Try again in a few seconds.")
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return TimedOut("The service did not answer in time.")
        case _:
            return LikenessError(details)
