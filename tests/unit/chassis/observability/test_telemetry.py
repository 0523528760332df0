"""Export of spans to a file, and the trace header."""

import json
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from services.chassis.observability.telemetry import JsonLinesExporter, context_from, current_traceparent


def build_provider(path: Path) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(JsonLinesExporter(path)))
    return provider


def test_several_processes_write_spans_of_one_trace_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with build_provider(path).get_tracer("a").start_as_current_span("gateway"):
        traceparent = current_traceparent()
    with build_provider(path).get_tracer("b").start_as_current_span("tts", context=context_from(traceparent)):
        pass
    spans = [json.loads(line) for line in path.read_text().splitlines()]
    assert [span["name"] for span in spans] == ["gateway", "tts"]
    assert spans[0]["context"]["trace_id"] == spans[1]["context"]["trace_id"]
    assert spans[1]["parent_id"] == spans[0]["context"]["span_id"]


def test_there_is_no_traceparent_outside_of_a_span() -> None:
    assert current_traceparent() is None


def test_a_malformed_header_starts_a_new_trace() -> None:
    for header in (None, "", "nonsense", "00-zz-zz-01"):
        span = trace.get_current_span(context_from(header))
        assert not span.get_span_context().is_valid
