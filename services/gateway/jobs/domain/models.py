"""What a video and its stages are. The tables hold exactly this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.storage import Artifact


class VideoStatus(StrEnum):
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    terminal: bool


for _status in VideoStatus:
    _status.terminal = _status in (VideoStatus.COMPLETED, VideoStatus.FAILED, VideoStatus.CANCELLED)


class Priority(IntEnum):
    """Of two stages that wait for the same engine, the one with the smaller number goes first."""

    INTERACTIVE = 0
    BATCH = 1


class StageState(StrEnum):
    WAITING = "waiting"
    """For the outputs of other stages."""
    READY = "ready"
    """Its inputs are there; it waits until it is admitted to its engine."""
    QUEUED = "queued"
    """Asked for on the bus; no worker has started it."""
    RUNNING = "running"
    RETRYING = "retrying"
    """Failed, and to be asked for again at `not_before`."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    terminal: bool
    in_flight: bool
    """It takes up one of its engine's places."""


for _state in StageState:
    _state.terminal = _state in (StageState.COMPLETED, StageState.FAILED, StageState.CANCELLED)
    _state.in_flight = _state in (StageState.QUEUED, StageState.RUNNING)


class CacheUse(StrEnum):
    HIT = "hit"
    """The result was known; the stage has not run."""
    MISS = "miss"
    BYPASS = "bypass"
    """Whether the result is known was not looked at, as the request had asked."""


class Outcome(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"
    """Its worker has fallen silent."""
    HANDED_BACK = "handed_back"
    """Its worker was stopped before the end."""
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    """Another execution has taken its place."""


@dataclass(frozen=True, slots=True)
class StageOutput:
    """An input that another stage of the same video makes."""

    stage: str
    output: str


InputSource = Artifact | StageOutput


@dataclass(frozen=True, slots=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class VideoWarning:
    """Something that the client should know, though the video is made. `stage` is the name of the one that
    has seen it, `None` for the request itself."""

    code: str
    message: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    video_id: str
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
    state: StageState = StageState.WAITING
    attempt: int = 1
    progress: float = 0.0
    priority: Priority = Priority.INTERACTIVE
    submitted_at: datetime | None = None
    """When its video was asked for: older videos are finished first."""
    no_cache: bool = False
    action_key: str | None = None
    cache: CacheUse | None = None
    saved_seconds: float = 0.0
    """Of a cache hit: how long the stage ran that made the result."""
    billable: bool = False
    """It has made its result itself, as the only one of its action key in the workspace."""
    outputs: Mapping[str, Artifact] = field(default_factory=dict[str, Artifact])
    media_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()
    failures: Mapping[str, int] = field(default_factory=dict[str, int])
    """How often it has failed, by reason."""
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
class Video:
    id: str
    workspace_id: str
    status: VideoStatus
    model: str
    prompt: str
    width: int
    height: int
    created_at: datetime
    seconds: float | None = None
    progress: int = 0
    priority: Priority = Priority.INTERACTIVE
    batch_id: str | None = None
    custom_id: str | None = None
    """What the client of a batch calls it."""
    redriven_from: str | None = None
    """The failed video that this one does again."""
    failure: Failure | None = None
    traceparent: str | None = None
    completed_at: datetime | None = None
    warnings: tuple[VideoWarning, ...] = ()
    """Those that were known when it was asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """A video with all of its stages, in their order."""

    video: Video
    stages: tuple[Stage, ...]
