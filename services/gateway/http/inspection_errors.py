"""Asking a service, before any work, whether it could do it."""

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
    """Raises what the service refuses. One that cannot answer now refuses nothing: whoever does the work
    will find out."""
    try:
        with translated_errors():
            yield
    except LikenessError as exc:
        if exc.reason in REFUSALS:
            raise
        log.warning("inspection.unavailable", what=what, engine=engine, reason=exc.reason, error=exc.message)
