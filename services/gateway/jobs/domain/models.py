"""Dataclasses for jobs, their stages and executions, as the tables hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.quantity import UNKNOWN, Quantity


class JobStatus(StrEnum):
    """Status of a job; `terminal` ones never change."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    terminal: bool


for _status in JobStatus:
    _status.terminal = _status in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


class Priority(IntEnum):
    """Priority class of a stage: the smaller number goes first on the same engine."""

    INTERACTIVE = 0
    BATCH = 1


class StageState(StrEnum):
    """State of a stage; `terminal` ones never change."""

    WAITING = "waiting"
    """It waits for the outputs of other stages."""
    READY = "ready"
    """Its inputs are there; it waits until it is admitted to its engine."""
    QUEUED = "queued"
    """Its command is on the bus; no worker has started it."""
    RUNNING = "running"
    RETRYING = "retrying"
    """It has failed, and is ready again at `not_before`."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    terminal: bool
    in_flight: bool
    """The stage takes up one of its engine's slots."""


for _state in StageState:
    _state.terminal = _state in (StageState.COMPLETED, StageState.FAILED, StageState.CANCELLED)
    _state.in_flight = _state in (StageState.QUEUED, StageState.RUNNING)


class CacheUse(StrEnum):
    """Use of the result cache by a stage."""

    HIT = "hit"
    """The result was known; the stage has not run."""
    MISS = "miss"
    BYPASS = "bypass"
    """The request had asked not to look for a known result."""


class Outcome(StrEnum):
    """Outcome of an execution that has ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"
    """Its worker has stopped reporting."""
    HANDED_BACK = "handed_back"
    """Its worker was stopped before the end."""
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    """Another execution has taken its place."""


@dataclass(frozen=True, slots=True)
class StageOutput:
    """An input that another stage of the same job makes."""

    stage: str
    output: str


InputSource = Artifact | StageOutput
EngineKey = tuple[str, str]
"""Service and engine."""
KnownKey = tuple[str, str]
"""Workspace and action key."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason of a failure, and a message for people."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class JobWarning:
    """Something that the client should know, though the job completes.

    `stage` is the name of the stage that has found it, `None` if it is about the request itself.
    """

    code: str
    message: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A row of the table `stages`: one step of a job, which one engine runs."""

    id: str
    job_id: str
    workspace_id: str
    ordinal: int
    name: str
    service: str
    engine: str
    engine_version: str
    parameters: Mapping[str, Any]
    """The service's task message in its JSON form."""
    inputs: Mapping[str, InputSource]
    timeout_seconds: float
    weight: float = 1.0
    """Its share of the job's progress, relative to the other stages."""
    state: StageState = StageState.WAITING
    attempt: int = 1
    progress: float = 0.0
    priority: Priority = Priority.INTERACTIVE
    turn_at: datetime | None = None
    """The job's moment in its queues (see `scheduling.turn`): the earliest goes first."""
    quantity: Quantity = UNKNOWN
    no_cache: bool = False
    action_key: str | None = None
    cache: CacheUse | None = None
    saved_seconds: float = 0.0
    """Run seconds of the stage that made the result, for a cache hit."""
    billable: bool = False
    """The stage has made its result itself, as the only one with its action key in the workspace."""
    outputs: Mapping[str, Artifact] = field(default_factory=dict[str, Artifact])
    media_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()
    failures: Mapping[str, int] = field(default_factory=dict[str, int])
    """Number of failures by reason."""
    worker_id: str | None = None
    lease_expires_at: datetime | None = None
    not_before: datetime | None = None
    queued_at: datetime | None = None
    """When its inputs were there and its wait for a worker began."""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """One delivery of a stage to one worker."""

    stage_id: str
    attempt: int
    worker_id: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A row of the table `jobs`: everything about a job but its stages."""

    id: str
    kind: str
    """The name of its `JobKind`, such as `video`."""
    workspace_id: str
    status: JobStatus
    spec: Mapping[str, Any]
    """The specification in the JSON form of its kind. `spec["request"]` is the request itself."""
    created_at: datetime
    result: Mapping[str, Any] | None = None
    """Result of a completed job, in the JSON form of its kind."""
    progress: int = 0
    project_id: str | None = None
    metadata: Mapping[str, str] | None = None
    """The client's own key-value pairs."""
    priority: Priority = Priority.INTERACTIVE
    batch_id: str | None = None
    custom_id: str | None = None
    """The id that the client of a batch has given it."""
    redriven_from: str | None = None
    """Id of the failed job that this one repeats."""
    remixed_from: str | None = None
    """Id of the job whose request this one has changed."""
    failure: Failure | None = None
    traceparent: str | None = None
    completed_at: datetime | None = None
    warnings: tuple[JobWarning, ...] = ()
    """Warnings that were known when it was submitted."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job with all of its stages, in their order."""

    record: JobRecord
    stages: tuple[Stage, ...]
