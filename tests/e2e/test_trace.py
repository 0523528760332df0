"""Traces: the spans of a video in four services belong to one trace."""

import json
import time
from typing import Any

from tests.e2e.api import Api
from tests.e2e.stack import Stack

SERVICES = {f"likeness-{name}" for name in ("gateway", "tts", "voice", "video", "mux")}
PATIENCE_SECONDS = 20.0


def spans_of(stack: Stack, video_id: str) -> list[dict[str, Any]]:
    """Returns all spans of the trace of the video's stages."""
    spans = [json.loads(line) for line in stack.trace_file.read_text().splitlines()]
    traces = {s["context"]["trace_id"] for s in spans if s["attributes"].get("job_id") == video_id}
    assert len(traces) == 1, f"{len(traces)} traces"
    return [span for span in spans if span["context"]["trace_id"] in traces]


def services_of(spans: list[dict[str, Any]]) -> set[str]:
    return {span["resource"]["attributes"]["service.name"] for span in spans}


def is_whole(spans: list[dict[str, Any]]) -> bool:
    """Returns whether every service and every parent span has been written: processes write at their own
    pace."""
    ids = {span["context"]["span_id"] for span in spans}
    return services_of(spans) == SERVICES and all(span["parent_id"] in {*ids, None} for span in spans)


def test_one_trace_crosses_the_bus(api: Api, portrait: str, reader: str, stack: Stack):
    video = api.make(
        script="One trace for all of it.", image=portrait, size="256x256", conversion={"reference": reader}
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_whole(spans := spans_of(stack, video["id"])):
        assert time.monotonic() < deadline, [(span["name"], span["parent_id"]) for span in spans]
    roots = [span for span in spans if span["parent_id"] is None]
    assert [root["name"] for root in roots] == ["POST /v1/videos"]
    workers = {stage["worker"] for stage in video["stages"]}
    assert len(workers) == 4
    stages = [span for span in spans if span["name"].startswith("stage.")]
    assert len({span["resource"]["attributes"]["process.pid"] for span in stages}) == 4
