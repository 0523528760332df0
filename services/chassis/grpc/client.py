"""Client side of the services' gRPC calls: errors are raised as what the server raised."""

from collections.abc import Generator
from contextlib import contextmanager

import grpc
from grpc import aio

from services.chassis.errors import EngineUnavailable, LikenessError, Reason, TimedOut
from services.chassis.observability.telemetry import current_traceparent

REASON_METADATA = "likeness-reason"
"""Key of the trailing metadata that carries the `Reason` of a failed call."""

KNOWN_REASONS = frozenset(reason.value for reason in Reason)


@contextmanager
def translated_errors() -> Generator[None]:
    """Raises `LikenessError` with the server's reason in place of gRPC's own errors."""
    try:
        yield
    except aio.AioRpcError as exc:
        raise _translate(exc) from exc


def outgoing_metadata() -> tuple[tuple[str, str], ...]:
    """Returns metadata with the current trace, which the server continues."""
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
