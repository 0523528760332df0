"""Set-up of traces and logs, and the trace context that messages carry.

Nothing is set up before `setup_telemetry` is called.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.observability.logs import setup_logs
from services.chassis.settings import ServiceSettings

FILE_DELAY_MILLISECONDS = 100
"""Maximum age of a finished span that is not yet in the trace file: a killed process loses those."""

_PROPAGATOR = TraceContextTextMapPropagator()


def setup_telemetry(service: str, settings: ServiceSettings) -> None:
    """Sets up logs and traces. Call it once per process, before anything is traced or logged.

    If nothing exports spans, none are made; a caller's trace is still passed on.
    """
    setup_logs(service, settings.log_level, settings.log_format)
    processors = list(_span_processors(settings))
    if processors:
        resource = Resource.create({"service.name": f"likeness-{service}", "process.pid": os.getpid()})
        provider = TracerProvider(resource=resource)
        for processor in processors:
            provider.add_span_processor(processor)
        trace.set_tracer_provider(provider)


def _span_processors(settings: ServiceSettings) -> Iterator[SpanProcessor]:
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        yield BatchSpanProcessor(OTLPSpanExporter())
    if settings.trace_file:
        exporter = JsonLinesExporter(Path(settings.trace_file))
        yield BatchSpanProcessor(exporter, schedule_delay_millis=FILE_DELAY_MILLISECONDS)


@cache
def tracer() -> trace.Tracer:
    """Returns the tracer of the project."""
    return trace.get_tracer("likeness")


def exports_spans() -> bool:
    """Tells whether spans are exported, so that it is worth making them."""
    return isinstance(trace.get_tracer_provider(), TracerProvider)


def current_traceparent() -> str | None:
    """Returns the W3C `traceparent` header of the current span, `None` outside of one."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def context_from(traceparent: str | None) -> Context:
    """Returns the context to start a child span in; an absent or malformed header gives a root."""
    return _PROPAGATOR.extract({"traceparent": traceparent} if traceparent else {}, context=Context())


class JsonLinesExporter(SpanExporter):
    """Appends spans to a file, one a line.

    Several processes may append to the same file: each batch is a single write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = "".join(f"{span.to_json(indent=None)}\n" for span in spans)
        with self._path.open("ab", buffering=0) as file:
            file.write(lines.encode())
        return SpanExportResult.SUCCESS
