"""Derives the events that clients receive from changes to a job. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.gateway.jobs.domain.models import JobRecord, Stage


@dataclass(frozen=True, slots=True)
class JobEvent:
    """An event as clients receive it. `type` is `<kind>.<status>`, `stage.<state>` or `stage.progress`."""

    type: str
    data: dict[str, Any]


def status_event(record: JobRecord) -> JobEvent:
    """Returns an event with the job's status."""
    return JobEvent(f"{record.kind}.{record.status}", {"progress": record.progress})


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
        kind = f"stage.{after.state}"
    elif int(before.progress * 100) != int(after.progress * 100):
        kind = "stage.progress"
    else:
        return None
    return JobEvent(kind, {"stage": after.name, "progress": round(after.progress, 4)})
