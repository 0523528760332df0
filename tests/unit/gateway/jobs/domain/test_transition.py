"""Transitions of a stage: every pair of state and event, and rules for all of them."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

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
    Prepared,
    Progressed,
    RetryDue,
    Reused,
    StageEvent,
    Started,
)
from services.gateway.jobs.domain.models import CacheUse, Failure, Stage, StageState
from services.gateway.jobs.domain.transition import transition
from tests.unit.gateway.jobs.job_examples import BACKOFF, NOW, POLICY, build_artifact, build_stage

S = StageState
ID = "id-scene-0/tts"
FAILURE = Failure(Reason.ENGINE_CRASHED, "died")
REFUSAL = Failure(Reason.FACE_NOT_FOUND, "no face")
MISSING = Failure(Reason.ARTIFACT_MISSING, "gone")
OUTPUTS = {"speech": build_artifact("out")}
LATER = NOW + timedelta(hours=1)
"""Moment after every lease, backoff and limit."""


def in_state(state: StageState, attempt: int = 1) -> Stage:
    """Returns a stage with the fields that it has in the state."""
    running = state is S.RUNNING
    return build_stage(
        state=state,
        attempt=attempt,
        worker_id="w1" if running else None,
        started_at=NOW if running else None,
        lease_expires_at=NOW + timedelta(seconds=90) if state.in_flight else None,
        not_before=NOW if state is S.RETRYING else None,
        progress=0.5 if running else 0.0,
    )


EVENTS: dict[str, StageEvent] = {
    "prepared": Prepared(ID, "key"),
    "reused": Reused(ID, KnownResult(OUTPUTS, 2.0, 3.0)),
    "admitted": Admitted(ID),
    "started": Started(ID, 1, "w1"),
    "progressed": Progressed(ID, 1, "w1", 0.7),
    "completed": Completed(ID, 1, "w1", OUTPUTS, 2.0),
    "failed": Failed(ID, 1, "w1", FAILURE),
    "refused": Failed(ID, 1, "w1", REFUSAL),
    "input lost": InputLost(ID, 1, "w1", MISSING),
    "handed back": HandedBack(ID, 1, "w1"),
    "expired": LeaseExpired(ID, 1),
    "overran": Overran(ID, 1),
    "retry due": RetryDue(ID),
    "cancelled": CancelRequested(ID),
}
TABLE: dict[StageState, dict[str, StageState]] = {
    S.WAITING: {"prepared": S.READY, "cancelled": S.CANCELLED},
    S.READY: {
        "reused": S.COMPLETED,
        "admitted": S.QUEUED,
        "started": S.RUNNING,
        "progressed": S.RUNNING,
        "completed": S.COMPLETED,
        "failed": S.RETRYING,
        "refused": S.FAILED,
        "input lost": S.WAITING,
        "handed back": S.QUEUED,
        "cancelled": S.CANCELLED,
    },
    S.QUEUED: {
        "started": S.RUNNING,
        "progressed": S.RUNNING,
        "completed": S.COMPLETED,
        "failed": S.RETRYING,
        "refused": S.FAILED,
        "input lost": S.WAITING,
        "expired": S.READY,
        "cancelled": S.CANCELLED,
    },
    S.RUNNING: {
        "completed": S.COMPLETED,
        "failed": S.RETRYING,
        "refused": S.FAILED,
        "input lost": S.WAITING,
        "handed back": S.QUEUED,
        "expired": S.RETRYING,
        "overran": S.RETRYING,
        "cancelled": S.CANCELLED,
    },
    S.RETRYING: {"completed": S.COMPLETED, "retry due": S.READY, "cancelled": S.CANCELLED},
    S.COMPLETED: {},
    S.FAILED: {},
    S.CANCELLED: {},
}


def after(stage: Stage, event: StageEvent) -> Stage:
    return transition(stage, event, now=LATER, jitter=0.5, policy=POLICY)


def test_the_table_names_every_state_and_every_event():
    assert set(TABLE) == set(S)
    assert {type(event) for event in EVENTS.values()} == set(get_args(StageEvent))


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", S)
def test_every_pair_of_state_and_event(state: StageState, event: str):
    assert after(in_state(state), EVENTS[event]).state is TABLE[state].get(event, state)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("state", [S.COMPLETED, S.FAILED, S.CANCELLED])
def test_a_terminal_stage_stays_as_it_is_in_every_field(state: StageState, event: StageEvent):
    stage = in_state(state)
    assert after(stage, event) is stage


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_exactly_stages_in_flight_have_a_lease(state: StageState, event: StageEvent):
    stage = after(in_state(state), event)
    assert (stage.lease_expires_at is not None) is stage.state.in_flight
    assert (stage.not_before is not None) is (stage.state is S.RETRYING)


REPORTED = ["started", "progressed", "failed", "refused", "input lost", "handed back", "expired", "overran"]


@pytest.mark.parametrize("event", REPORTED)
def test_reports_of_an_earlier_attempt_are_ignored(event: str):
    stage = in_state(S.RUNNING, attempt=2)
    assert after(stage, EVENTS[event]) is stage


@pytest.mark.parametrize("event", ["progressed", "failed", "refused", "input lost", "handed back"])
def test_reports_of_a_worker_that_has_lost_the_stage_are_ignored(event: str):
    stage = replace(in_state(S.RUNNING), worker_id="w2")
    assert after(stage, EVENTS[event]) is stage


def test_a_worker_that_starts_the_stage_takes_it_over():
    """The bus has delivered the command again."""
    stage = after(in_state(S.RUNNING), Started(ID, 1, "w2"))
    assert (stage.worker_id, stage.started_at) == ("w2", LATER)


def test_a_second_start_of_the_same_worker_keeps_the_start_time():
    assert after(in_state(S.RUNNING), EVENTS["started"]).started_at == NOW


@pytest.mark.parametrize("state", [S.READY, S.QUEUED, S.RUNNING, S.RETRYING])
def test_the_completion_of_an_earlier_attempt_counts(state: StageState):
    completed = after(in_state(state, attempt=2), EVENTS["completed"])
    assert (completed.state, completed.outputs, completed.media_seconds) == (S.COMPLETED, OUTPUTS, 2.0)
    assert (completed.billable, completed.failure) == (True, None)


@pytest.mark.parametrize("progress", [0.1, 0.7, 3.0])
def test_progress_never_falls_and_never_exceeds_one(progress: float):
    stage = after(in_state(S.RUNNING), Progressed(ID, 1, "w1", progress))
    assert stage.progress == min(max(0.5, progress), 1.0)


@pytest.mark.parametrize("event", ["started", "progressed"])
def test_starts_and_progress_renew_the_lease(event: str):
    renewed = after(in_state(S.RUNNING), EVENTS[event])
    assert renewed.lease_expires_at == LATER + timedelta(seconds=90)


@pytest.mark.parametrize("state", [S.QUEUED, S.RUNNING])
def test_a_lease_that_has_been_renewed_does_not_expire(state: StageState):
    renewed = replace(in_state(state), lease_expires_at=LATER + timedelta(seconds=1))
    assert after(renewed, EVENTS["expired"]) is renewed


def test_a_stage_may_run_within_its_engines_limit_and_the_grace():
    stage = replace(in_state(S.RUNNING), started_at=LATER - timedelta(seconds=600 + 29))
    assert after(stage, EVENTS["overran"]) is stage


@pytest.mark.parametrize(
    ("event", "reason"),
    [("expired", Reason.WORKER_LOST), ("overran", Reason.TIMED_OUT), ("failed", Reason.ENGINE_CRASHED)],
)
def test_each_failure_is_counted_by_its_reason(event: str, reason: Reason):
    stage = after(replace(in_state(S.RUNNING), failures={reason: 1, "other": 7}), EVENTS[event])
    assert (stage.state, stage.attempt) == (S.RETRYING, 2)
    assert stage.failures == {reason: 2, "other": 7}
    assert stage.failure is not None and stage.failure.reason == reason


@pytest.mark.parametrize("event", ["failed", "input lost", "expired", "overran"])
def test_a_stage_fails_at_the_limit_of_its_reason(event: str):
    used_up = dict.fromkeys(POLICY.backoffs, BACKOFF.limit - 1)
    ended = after(replace(in_state(S.RUNNING), failures=used_up), EVENTS[event])
    assert (ended.state, ended.completed_at) == (S.FAILED, LATER)


def test_a_lost_message_costs_no_attempt():
    again = after(in_state(S.QUEUED), EVENTS["expired"])
    assert (again.attempt, again.failures) == (1, {})


def test_a_stage_is_not_due_before_its_backoff_is_over():
    stage = replace(in_state(S.RETRYING), not_before=LATER + timedelta(seconds=1))
    assert after(stage, EVENTS["retry due"]) is stage


@pytest.mark.parametrize(("no_cache", "use"), [(False, CacheUse.MISS), (True, CacheUse.BYPASS)])
def test_a_stage_shows_whether_its_result_was_looked_up(no_cache: bool, use: CacheUse):
    assert after(replace(in_state(S.WAITING), no_cache=no_cache), EVENTS["prepared"]).cache is use


def test_a_reused_result_is_not_billed_and_has_saved_seconds():
    reused = after(in_state(S.READY), EVENTS["reused"])
    assert (reused.cache, reused.saved_seconds, reused.billable) == (CacheUse.HIT, 3.0, False)
    assert (reused.outputs, reused.media_seconds, reused.progress) == (OUTPUTS, 2.0, 1.0)
