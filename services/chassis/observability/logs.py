"""Log lines on stderr: a constant event name with its fields, as JSON or for people."""

import asyncio
import atexit
import json
import logging
import sys
import threading
import traceback
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from types import MappingProxyType
from typing import Any, TextIO, cast

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor

from services.chassis.clock import utc_now

_ENCODER = json.JSONEncoder(default=str)
"""Shared encoder: `json.dumps` would create one for each line."""

_NO_FIELDS: Mapping[str, Any] = MappingProxyType({})
_FIELDS: ContextVar[Mapping[str, Any]] = ContextVar("log_fields", default=_NO_FIELDS)


@contextmanager
def bound_fields(fields: Mapping[str, Any]) -> Generator[None]:
    """Adds `fields` to every log line of this context and of contexts that begin in it."""
    token = _FIELDS.set({**_FIELDS.get(), **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)


class LineWriter:
    """A logger for structlog that writes lines directly, without the detour through `logging`.

    Lines of one turn of the event loop are written together; warnings, and lines from outside a loop, are
    written at once. A line that cannot be written, because the disk is full or the reader is gone, is lost:
    no work stops for it.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lines: list[str] = []
        self._scheduled_loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        atexit.register(self.flush)

    def info(self, line: str) -> None:
        """Queues a line, which is written at the end of the event loop's turn."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.warning(line)
            return
        with self._lock:
            self._lines.append(line)
            is_first, self._scheduled_loop = self._scheduled_loop is not loop, loop
        if is_first:
            loop.call_soon(self.flush)

    def warning(self, line: str) -> None:
        """Writes a line, after those that are queued, at once."""
        with self._lock:
            self._lines.append(line)
        self.flush()

    msg = debug = info
    error = exception = critical = warning

    def flush(self) -> None:
        """Writes the queued lines."""
        with self._lock:
            lines, self._lines, self._scheduled_loop = self._lines, [], None
        if lines:
            with suppress(OSError, ValueError):
                self._file.write("\n".join([*lines, ""]))
                self._file.flush()


def setup_logs(service: str, log_level: str, log_format: str) -> None:
    """Configures structlog, and `logging` for warnings of libraries, to the same form."""
    level = getattr(logging, log_level.upper())
    shared: list[Processor] = [
        partial(_add_fields, service),
        structlog.stdlib.add_log_level,
        _add_time,
        _add_exception,
        _add_trace_id,
    ]
    renderer = _renderer(log_format)
    writer = LineWriter(sys.stderr)
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=lambda *_: writer,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def _renderer(log_format: str) -> Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(serializer=_to_json)


def _to_json(event: EventDict, **_options: Any) -> str:
    return _ENCODER.encode(event)


def _add_fields(service: str, _logger: Any, _method: str, event: EventDict) -> EventDict:
    return {"service": service, **_FIELDS.get(), **event}


def _add_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Adds the frames of an exception and of its causes, without their messages: they may quote texts of
    users."""
    error = _exception_in(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = "".join(reversed([*_frames(error)])).rstrip()
    return event


def _exception_in(exc_info: Any) -> BaseException | None:
    """Returns the exception that structlog or logging gives: itself, in a tuple, or as the current one."""
    match exc_info:
        case BaseException():
            return exc_info
        case (_, BaseException() as error, _):
            return error
        case _:
            return sys.exception() if exc_info else None


def _frames(error: BaseException | None) -> Iterator[str]:
    """Yields the frames of the exception, then those of the members of a group and those of its cause, each
    with the name of its type."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__qualname__}\n"
        if isinstance(error, BaseExceptionGroup):
            for member in cast(BaseExceptionGroup[BaseException], error).exceptions:
                yield from _frames(member)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _add_time(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["timestamp"] = utc_now(digits=6)
    return event


def _add_trace_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event
