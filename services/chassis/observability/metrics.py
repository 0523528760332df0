"""Names of spans and metrics."""

from dataclasses import dataclass
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

SPAN_STAGE = "stage.{service}"
"""Span of one delivery of a stage, in the worker."""
SPAN_FETCH = "stage.fetch_inputs"
"""Span of the download of a stage's inputs."""
SPAN_STORE = "stage.store_outputs"
"""Span of the upload of a stage's outputs."""
SPAN_RPC = "rpc.{method}"
"""Span of one gRPC call, in the server."""

_LABELS = ("service", "engine")

STAGES_STARTED = Counter("likeness_stages_started", "Stages begun", _LABELS)
STAGES_COMPLETED = Counter("likeness_stages_completed", "Stages completed", _LABELS)
STAGES_FAILED = Counter("likeness_stages_failed", "Stages failed", (*_LABELS, "reason"))
STAGES_RUNNING = Gauge("likeness_stages_running", "Stages running now", _LABELS)
STAGE_SECONDS = Histogram(
    "likeness_stage_seconds",
    "From a stage's start to its report",
    _LABELS,
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800),
)
QUEUE_WAIT_SECONDS = Histogram(
    "likeness_queue_wait_seconds",
    "How long a free worker waited for its next stage",
    _LABELS,
    buckets=(0.01, 0.1, 1, 10, 60, 600),
)
STATUS_RETRIES = Counter(
    "likeness_status_retries", "Status messages that the broker did not take at once", ("service",)
)
GARBAGE_DELETED = Counter(
    "likeness_garbage_deleted", "Objects removed from the store because nothing refers to them"
)
PROBES = Counter("likeness_probes", "Uploaded files that were read", ("lane", "outcome"))
PROBE_SECONDS = Histogram(
    "likeness_probe_seconds",
    "How long the reading of an uploaded file took, without waiting",
    ("lane",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
PROBE_WAIT_SECONDS = Histogram(
    "likeness_probe_wait_seconds",
    "How long an uploaded file waited for its turn to be read",
    ("lane",),
    buckets=(0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60),
)


@dataclass(frozen=True, slots=True)
class StageMeters:
    """The metrics of one engine's stages, looked up once."""

    started: Counter
    completed: Counter
    running: Gauge
    seconds: Histogram


@cache
def stage_meters(service: str, engine: str) -> StageMeters:
    """Returns the metrics with the labels of one engine."""
    return StageMeters(
        started=STAGES_STARTED.labels(service, engine),
        completed=STAGES_COMPLETED.labels(service, engine),
        running=STAGES_RUNNING.labels(service, engine),
        seconds=STAGE_SECONDS.labels(service, engine),
    )
