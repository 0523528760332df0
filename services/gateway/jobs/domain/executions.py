"""Derives executions, and workers to be stopped, from a stage before and after an event. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from services.gateway.jobs.domain.events import (
    Completed,
    Failed,
    HandedBack,
    InputLost,
    LeaseExpired,
    Progressed,
    StageEvent,
    Started,
)
from services.gateway.jobs.domain.models import Execution, Outcome, Stage, StageState

S = StageState
FAILED_OUTCOMES = (Outcome.FAILED, Outcome.LOST)
ENDING_EVENTS = (Completed, Failed, InputLost)


@dataclass(frozen=True, slots=True)
class Abandoned:
    """An execution whose result is not wanted any more: its worker is sent a cancellation."""

    stage_id: str
    attempt: int
    worker_id: str


def executions_after(before: Stage, after: Stage, event: StageEvent, now: datetime) -> Iterator[Execution]:
    """Yields the executions that have begun or ended with the event, as they are now."""
    if after is before:
        return
    if is_displaced(before, after):
        ended = replace(_execution(before, now), ended_at=now, outcome=_outcome(before, after, event))
        yield replace(ended, failure=after.failure if ended.outcome in FAILED_OUTCOMES else None)
    if after.state is S.RUNNING and not _runs_as(before, after):
        yield _execution(after, now)
    if isinstance(event, ENDING_EVENTS) and event.worker_id and not _is_by_holder(before, event):
        outcome = Outcome.COMPLETED if isinstance(event, Completed) else Outcome.FAILED
        failure = None if isinstance(event, Completed) else event.failure
        started = before.started_at or after.started_at or now
        yield Execution(
            before.id, event.attempt, event.worker_id, started, now, outcome=outcome, failure=failure
        )


def abandoned_after(before: Stage, after: Stage, event: StageEvent) -> Iterator[Abandoned]:
    """Yields the execution of a worker that has lost the stage, or whose report does not count any more."""
    sender = getattr(event, "worker_id", None)
    displaced = is_displaced(before, after) and after.state is not S.CANCELLED
    if displaced and before.worker_id is not None and before.worker_id != sender:
        yield Abandoned(before.id, before.attempt, before.worker_id)
    if isinstance(event, Started | Progressed) and after is before and not _is_expected(after, event):
        yield Abandoned(before.id, event.attempt, event.worker_id)


def is_displaced(before: Stage, after: Stage) -> bool:
    """Tells whether the execution that ran the stage before does not run it any more."""
    return before.state is S.RUNNING and not _runs_as(before, after)


def _runs_as(before: Stage, after: Stage) -> bool:
    return (before.state, before.worker_id, before.attempt) == (after.state, after.worker_id, after.attempt)


def _is_by_holder(before: Stage, event: Completed | Failed | InputLost) -> bool:
    return (
        before.state is S.RUNNING
        and before.worker_id == event.worker_id
        and (before.attempt == event.attempt)
    )


def _is_expected(stage: Stage, event: Started | Progressed) -> bool:
    """Tells whether the report's worker holds the stage, or has ended it and the report is only late.

    A start after the end is not expected: the bus has delivered the command once more.
    """
    if stage.worker_id != event.worker_id:
        return False
    return isinstance(event, Progressed) if stage.state.terminal else stage.attempt == event.attempt


def _execution(stage: Stage, now: datetime) -> Execution:
    return Execution(stage.id, stage.attempt, stage.worker_id or "", stage.started_at or now)


def _outcome(before: Stage, after: Stage, event: StageEvent) -> Outcome:
    match event:
        case Completed() if _is_by_holder(before, event):
            return Outcome.COMPLETED
        case LeaseExpired():
            return Outcome.LOST
        case HandedBack():
            return Outcome.HANDED_BACK
        case _ if after.state is S.CANCELLED:
            return Outcome.CANCELLED
        case Completed() | Started():
            return Outcome.SUPERSEDED
        case _:
            return Outcome.FAILED
