"""Log lines on stderr: a constant event name with its fields, as JSON or for people."""

import json
import logging
import sys
from contextlib import suppress
from typing import Any, TextIO

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor

_ENCODER = json.JSONEncoder(default=str)
"""Made once: `json.dumps` would make one a line."""


class LineWriter:
    """Where structlog's lines end, without the detour through `logging`.

    A line that cannot be written, for a full disk or a reader that is gone, is lost: no work stops for it.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(f"{line}\n")
            self._file.flush()

    debug = info = warning = error = exception = critical = msg


def setup_logs(service: str, log_level: str, log_format: str) -> None:
    """What this project logs, and what libraries do from warnings on, in the same form."""
    level = getattr(logging, log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
    structlog.contextvars.bind_contextvars(service=service)


def _renderer(log_format: str) -> Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(serializer=_to_json)


def _to_json(event: EventDict, **_options: Any) -> str:
    return _ENCODER.encode(event)


def _add_trace_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event
