"""Traces and logs. Nothing is set up before `setup_telemetry` is called."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.typing import EventDict, Processor

from services.chassis.settings import ServiceSettings

FILE_DELAY_MILLISECONDS = 100
"""How old a finished span may grow before it is in the trace file: what a killed process loses."""

_PROPAGATOR = TraceContextTextMapPropagator()


def setup_telemetry(service: str, settings: ServiceSettings) -> None:
    """Call once per process, before anything is traced or logged."""
    _setup_logs(service, settings)
    resource = Resource.create({"service.name": f"likeness-{service}", "process.pid": os.getpid()})
    provider = TracerProvider(resource=resource)
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    if settings.trace_file:
        exporter = JsonLinesExporter(Path(settings.trace_file))
        provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=FILE_DELAY_MILLISECONDS)
        )
    trace.set_tracer_provider(provider)


def tracer() -> trace.Tracer:
    return trace.get_tracer("likeness")


def current_traceparent() -> str | None:
    """The W3C header of the current span, `None` outside of one."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def context_from(traceparent: str | None) -> Context:
    """The context to start a child span in; an absent or malformed header gives a root."""
    return _PROPAGATOR.extract({"traceparent": traceparent} if traceparent else {}, context=Context())


class JsonLinesExporter(SpanExporter):
    """One span a line. Several processes may append to the same file: each batch is a single write."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = "".join(f"{span.to_json(indent=None)}\n" for span in spans)
        with self._path.open("ab", buffering=0) as file:
            file.write(lines.encode())
        return SpanExportResult.SUCCESS


def _setup_logs(service: str, settings: ServiceSettings) -> None:
    level = getattr(logging, settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _add_trace_id,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(settings.log_format),
            ],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger("services").setLevel(level)
    structlog.contextvars.bind_contextvars(service=service)


def _renderer(log_format: str) -> Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer()


def _add_trace_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event
