"""The catalogue of events that clients receive, and how they follow from changes to a job. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, cast

from services.gateway.jobs.domain.models import JobRecord, JobStatus, Stage, StageState


class JobEventData(TypedDict):
    """Data of an event of a job: its progress in percent."""

    progress: int


class StageEventData(TypedDict):
    """Data of an event of a stage: its name, and its progress from 0 to 1."""

    stage: str
    progress: float


class StageEventType(StrEnum):
    """Types of the events of stages, which are the same for jobs of every kind."""

    WAITING = "stage.waiting"
    READY = "stage.ready"
    QUEUED = "stage.queued"
    RUNNING = "stage.running"
    RETRYING = "stage.retrying"
    COMPLETED = "stage.completed"
    FAILED = "stage.failed"
    CANCELLED = "stage.cancelled"
    PROGRESS = "stage.progress"

    @classmethod
    def of(cls, state: StageState) -> "StageEventType":
        """Returns the type of the event of a stage that has come into the state."""
        return cls[state.name]


def job_event_type(kind: str, status: JobStatus) -> str:
    """Returns the type of the event of a job of the kind that has come into the status."""
    return f"{kind}.{status}"


def job_event_types(kind: str) -> list[str]:
    """Returns the types of the events of jobs of the kind, in the order of the statuses."""
    return [job_event_type(kind, status) for status in JobStatus]


def event_types(kinds: Iterable[str]) -> type[StrEnum]:
    """Returns the types of all events of jobs of these kinds, as the enumeration `EventType`."""
    types = [*(each for kind in kinds for each in job_event_types(kind)), *StageEventType]
    members = {each.replace(".", "_").upper(): str(each) for each in types}
    return cast(type[StrEnum], StrEnum("EventType", members))


@dataclass(frozen=True, slots=True)
class JobEvent:
    """An event as it is stored: a type of `event_types`, and its data."""

    type: str
    data: JobEventData | StageEventData


def status_event(record: JobRecord) -> JobEvent:
    """Returns an event with the job's status."""
    return JobEvent(job_event_type(record.kind, record.status), JobEventData(progress=record.progress))


def describe(
    before: JobRecord, after: JobRecord, stages: Iterable[tuple[Stage | None, Stage]]
) -> list[JobEvent]:
    """Returns an event for each stage that has changed visibly, and one for the job if its status has.

    `stages` are pairs of each stage before, `None` for a new one, and after.
    """
    events = [event for old, new in stages if (event := _stage_event(old, new))]
    return events if before.status is after.status else [*events, status_event(after)]


def _stage_event(before: Stage | None, after: Stage) -> JobEvent | None:
    if before is None or before is after:
        return None
    if (before.state, before.attempt, before.worker_id) != (after.state, after.attempt, after.worker_id):
        event_type = StageEventType.of(after.state)
    elif int(before.progress * 100) != int(after.progress * 100):
        event_type = StageEventType.PROGRESS
    else:
        return None
    return JobEvent(event_type.value, StageEventData(stage=after.name, progress=round(after.progress, 4)))
