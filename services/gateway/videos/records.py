"""What a video and its stages are. The tables hold exactly this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.chassis.storage import Artifact


class VideoStatus(StrEnum):
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        return self in (VideoStatus.COMPLETED, VideoStatus.FAILED, VideoStatus.CANCELLED)


class StageState(StrEnum):
    WAITING = "waiting"
    """For the outputs of other stages."""
    QUEUED = "queued"
    """Asked for on the bus; no worker has started it."""
    RUNNING = "running"
    RETRYING = "retrying"
    """Failed, and to be asked for again at `not_before`."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        return self in (StageState.COMPLETED, StageState.FAILED, StageState.CANCELLED)


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
    action_key: str | None = None
    cached: bool = False
    outputs: Mapping[str, Artifact] = field(default_factory=dict[str, Artifact])
    media_seconds: float = 0.0
    worker_id: str | None = None
    lease_expires_at: datetime | None = None
    not_before: datetime | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
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
    failure: Failure | None = None
    traceparent: str | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A video with all of its stages, in their order."""

    video: Video
    stages: tuple[Stage, ...]
