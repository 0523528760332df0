"""Executions after events, and executions whose worker must be stopped."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import (
    Admitted,
    CancelRequested,
    Completed,
    Failed,
    HandedBack,
    InputLost,
    KnownResult,
    LeaseExpired,
    Overran,
    Progressed,
    Reused,
    StageEvent,
    Started,
)
from services.gateway.jobs.domain.executions import Abandoned, abandoned_after, executions_after
from services.gateway.jobs.domain.models import Execution, Failure, Outcome, Stage, StageState
from services.gateway.jobs.domain.transition import transition
from tests.unit.gateway.jobs.job_examples import NOW, POLICY, build_artifact, build_stage

ID = "id-scene-0/tts"
DIED = Failure(Reason.ENGINE_CRASHED, "It died.")
OUTPUTS = {"speech": build_artifact("out")}
END = NOW + timedelta(seconds=1000)
RUNNING = build_stage(
    state=StageState.RUNNING, attempt=2, worker_id="w1", started_at=NOW, lease_expires_at=NOW
)
QUEUED = build_stage(state=StageState.QUEUED, attempt=2, lease_expires_at=NOW)
RETRYING = build_stage(state=StageState.RETRYING, attempt=3, not_before=END + timedelta(hours=1))
COMPLETED = build_stage(state=StageState.COMPLETED, attempt=2, worker_id="w1", started_at=NOW)


def after(stage: Stage, event: StageEvent) -> Stage:
    return transition(stage, event, now=END, jitter=0.5, policy=POLICY)


def executions(stage: Stage, event: StageEvent) -> list[Execution]:
    return list(executions_after(stage, after(stage, event), event, END))


def abandoned_by(stage: Stage, event: StageEvent) -> list[Abandoned]:
    return list(abandoned_after(stage, after(stage, event), event))


def ended(outcome: Outcome, failure: Failure | None = None) -> Execution:
    return Execution(ID, 2, "w1", NOW, END, outcome, failure)


LOST = Failure(Reason.WORKER_LOST, "Worker w1 stopped answering while it ran this stage.")
OVERRUN = Failure(Reason.TIMED_OUT, "The stage ran for more than 600 s, and its worker did not end it.")


@pytest.mark.parametrize(
    ("event", "execution"),
    [
        (Completed(ID, 2, "w1", OUTPUTS, 1.0), ended(Outcome.COMPLETED)),
        (Failed(ID, 2, "w1", DIED), ended(Outcome.FAILED, DIED)),
        (InputLost(ID, 2, "w1", DIED), ended(Outcome.FAILED, DIED)),
        (HandedBack(ID, 2, "w1"), ended(Outcome.HANDED_BACK)),
        (LeaseExpired(ID, 2), ended(Outcome.LOST, LOST)),
        (Overran(ID, 2), ended(Outcome.FAILED, OVERRUN)),
        (CancelRequested(ID), ended(Outcome.CANCELLED)),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, Execution) else "",
)
def test_an_ending_event_ends_the_execution(event: StageEvent, execution: Execution):
    assert executions(RUNNING, event) == [execution]


@pytest.mark.parametrize("event", [Started(ID, 2, "w1"), Progressed(ID, 2, "w1", 0.5)])
@pytest.mark.parametrize("stage", [QUEUED, replace(QUEUED, state=StageState.READY)])
def test_an_execution_begins_with_its_workers_first_report(stage: Stage, event: StageEvent):
    assert executions(stage, event) == [Execution(ID, 2, "w1", END)]


@pytest.mark.parametrize("event", [Started(ID, 2, "w1"), Progressed(ID, 2, "w1", 0.5)])
def test_further_reports_of_the_same_worker_begin_no_execution(event: StageEvent):
    assert executions(RUNNING, event) == []


def test_a_worker_that_takes_the_stage_over_supersedes_the_other():
    assert executions(RUNNING, Started(ID, 2, "w2")) == [
        ended(Outcome.SUPERSEDED),
        Execution(ID, 2, "w2", END),
    ]


def test_a_completion_by_another_worker_supersedes_the_running_execution():
    first, late = executions(RUNNING, Completed(ID, 1, "w0", OUTPUTS, 1.0))
    assert first == ended(Outcome.SUPERSEDED)
    assert (late.attempt, late.worker_id, late.outcome) == (1, "w0", Outcome.COMPLETED)


def test_a_late_completion_of_a_lost_worker_counts_as_completed():
    (late,) = executions(RETRYING, Completed(ID, 2, "w1", OUTPUTS, 1.0))
    assert (late.attempt, late.worker_id, late.outcome) == (2, "w1", Outcome.COMPLETED)
    assert (late.ended_at, late.failure) == (END, None)


@pytest.mark.parametrize(
    ("stage", "event"),
    [
        (replace(QUEUED, state=StageState.READY), Admitted(ID)),
        (replace(QUEUED, state=StageState.READY), Reused(ID, KnownResult(OUTPUTS, 1.0))),
        (QUEUED, CancelRequested(ID)),
        (QUEUED, LeaseExpired(ID, 2)),
        (COMPLETED, Completed(ID, 2, "w2", OUTPUTS, 1.0)),
        (COMPLETED, CancelRequested(ID)),
        (RUNNING, Progressed(ID, 1, "w0", 0.5)),
        (QUEUED, Failed(ID, 2, "", DIED)),
    ],
    ids=[
        "admitted",
        "reused",
        "cancelled unstarted",
        "queued again",
        "completed too late",
        "cancelled after the end",
        "report of an earlier attempt",
        "command not published",
    ],
)
def test_events_without_a_worker_change_no_execution(stage: Stage, event: StageEvent):
    assert executions(stage, event) == []


@pytest.mark.parametrize(
    ("stage", "event", "abandoned"),
    [
        (RUNNING, LeaseExpired(ID, 2), Abandoned(ID, 2, "w1")),
        (RUNNING, Overran(ID, 2), Abandoned(ID, 2, "w1")),
        (RUNNING, Started(ID, 2, "w2"), Abandoned(ID, 2, "w1")),
        (RUNNING, Completed(ID, 1, "w0", OUTPUTS, 1.0), Abandoned(ID, 2, "w1")),
        (RUNNING, Progressed(ID, 2, "w0", 0.5), Abandoned(ID, 2, "w0")),
        (RUNNING, Started(ID, 1, "w0"), Abandoned(ID, 1, "w0")),
        (RETRYING, Progressed(ID, 2, "w1", 0.5), Abandoned(ID, 2, "w1")),
        (COMPLETED, Started(ID, 2, "w2"), Abandoned(ID, 2, "w2")),
        (COMPLETED, Started(ID, 2, "w1"), Abandoned(ID, 2, "w1")),
    ],
    ids=[
        "lease expired",
        "overran",
        "was superseded",
        "another worker has completed",
        "reports on another worker's stage",
        "starts an old attempt",
        "reports after its lease expired",
        "starts a completed stage",
        "starts again what it has completed itself",
    ],
)
def test_a_worker_whose_execution_is_not_wanted_is_abandoned(
    stage: Stage, event: StageEvent, abandoned: Abandoned
):
    assert abandoned_by(stage, event) == [abandoned]


@pytest.mark.parametrize(
    ("stage", "event"),
    [
        (RUNNING, Completed(ID, 2, "w1", OUTPUTS, 1.0)),
        (RUNNING, Failed(ID, 2, "w1", DIED)),
        (RUNNING, HandedBack(ID, 2, "w1")),
        (RUNNING, Progressed(ID, 2, "w1", 0.5)),
        (RUNNING, CancelRequested(ID)),
        (QUEUED, Started(ID, 2, "w1")),
        (COMPLETED, Progressed(ID, 2, "w1", 0.5)),
        (COMPLETED, Completed(ID, 2, "w2", OUTPUTS, 1.0)),
    ],
    ids=[
        "its completion",
        "its failure",
        "its handing back",
        "its heartbeat",
        "a cancel, which is broadcast for the whole job",
        "its start",
        "a late report of the worker that has completed it",
        "a second completion",
    ],
)
def test_other_workers_are_not_abandoned(stage: Stage, event: StageEvent):
    assert abandoned_by(stage, event) == []
