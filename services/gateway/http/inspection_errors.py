"""Raises the refusals of services that inspect a request before any work is done."""

from collections.abc import Generator
from contextlib import contextmanager

import structlog

from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc.client import translated_errors

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
        log.warning("inspection.unavailable", what=what, engine=engine, reason=exc.reason, error=exc.message)
