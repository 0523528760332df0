"""Raises the refusals of services of what a request asks for."""

from collections.abc import Generator
from contextlib import contextmanager

import structlog

from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc.client import translated_errors
from services.gateway.http.errors import invalid

REFUSALS = frozenset(
    {Reason.INVALID_ARGUMENT, Reason.VOICE_UNKNOWN, Reason.FACE_NOT_FOUND, Reason.MEDIA_UNREADABLE}
)
INSPECTION_SECONDS = 10.0
log = structlog.get_logger()


@contextmanager
def refusals_only(what: str, engine: str) -> Generator[None]:
    """Re-raises the service's refusal of the input. Other errors are logged: an inspection that is not
    possible now refuses nothing, and the worker will find out."""
    try:
        with translated_errors():
            yield
    except LikenessError as exc:
        if exc.reason in REFUSALS:
            raise
        log.warning("inspection.unavailable", what=what, engine=engine, reason=exc.reason, error=exc.loggable)


@contextmanager
def refusals_name(param: str, code: str) -> Generator[None]:
    """Re-raises a service's refusal of the input as a 422 that names the field."""
    try:
        yield
    except LikenessError as exc:
        if exc.reason in REFUSALS:
            raise invalid(code, exc.message, param) from exc
        raise
