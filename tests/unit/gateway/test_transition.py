"""Every pair of state and event, and the rules that hold over all of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis.errors import Reason
from services.gateway.videos.records import Failure, Stage, StageState
from services.gateway.videos.transition import (
    CancelRequested,
    Completed,
    Failed,
    LeaseExpired,
    Progressed,
    Released,
    RetryPolicy,
    StageEvent,
    Started,
    request,
    transition,
)
from tests.unit.gateway.jobs import NOW, POLICY, build_artifact, build_stage

S = StageState
ID = "id-scene-0/tts"
FAILURE = Failure(Reason.ENGINE_CRASHED, "died")
OUTPUTS = {"speech": build_artifact("out")}
LATER = NOW + timedelta(seconds=91)


def in_state(state: StageState, attempt: int = 1) -> Stage:
    """A stage as it is in the state, on attempt 1 of 3."""
    running = state is S.RUNNING
    leased = state in (S.QUEUED, S.RUNNING)
    return build_stage(
        state=state,
        attempt=attempt,
        worker_id="w1" if running else None,
        started_at=NOW if running else None,
        lease_expires_at=NOW + timedelta(seconds=90) if leased else None,
        progress=0.5 if running else 0.0,
    )


EVENTS: dict[str, StageEvent] = {
    "started": Started(ID, 1, "w1"),
    "progressed": Progressed(ID, 1, "w1", 0.7),
    "completed": Completed(ID, 1, "w1", OUTPUTS, 2.0),
    "failed": Failed(ID, 1, "w1", FAILURE, retryable=True),
    "refused": Failed(ID, 1, "w1", FAILURE, retryable=False),
    "released": Released(ID, 1, "w1"),
    "expired": LeaseExpired(ID, 1),
    "cancelled": CancelRequested(ID),
}
TABLE: dict[StageState, dict[str, StageState]] = {
    S.WAITING: {"cancelled": S.CANCELLED},
    S.QUEUED: {
        "started": S.RUNNING,
        "progressed": S.RUNNING,
        "completed": S.COMPLETED,
        "failed": S.RETRYING,
        "refused": S.FAILED,
        "expired": S.RETRYING,
        "cancelled": S.CANCELLED,
    },
    S.RUNNING: {
        "completed": S.COMPLETED,
        "failed": S.RETRYING,
        "refused": S.FAILED,
        "released": S.QUEUED,
        "expired": S.RETRYING,
        "cancelled": S.CANCELLED,
    },
    S.RETRYING: {"completed": S.COMPLETED, "cancelled": S.CANCELLED},
    S.COMPLETED: {},
    S.FAILED: {},
    S.CANCELLED: {},
}


def after(stage: Stage, event: StageEvent, policy: RetryPolicy = POLICY) -> Stage:
    return transition(stage, event, now=LATER, dice=0.5, policy=policy)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", S)
def test_every_pair_of_state_and_event(state: StageState, event: str):
    assert after(in_state(state), EVENTS[event]).state is TABLE[state].get(event, state)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("state", [S.COMPLETED, S.FAILED, S.CANCELLED])
def test_a_terminal_stage_stays_as_it_is_in_every_field(state: StageState, event: StageEvent):
    stage = in_state(state)
    assert after(stage, event) is stage


@pytest.mark.parametrize("event", ["started", "progressed", "failed", "refused", "released", "expired"])
def test_what_an_earlier_attempt_says_counts_for_nothing(event: str):
    stage = in_state(S.RUNNING, attempt=2)
    assert after(stage, EVENTS[event]) is stage


def test_the_completion_of_an_earlier_attempt_counts():
    completed = after(in_state(S.RETRYING, attempt=2), EVENTS["completed"])
    assert (completed.state, completed.outputs, completed.media_seconds) == (S.COMPLETED, OUTPUTS, 2.0)


@pytest.mark.parametrize("progress", [0.1, 0.7, 3.0])
def test_progress_never_falls_and_never_exceeds_one(progress: float):
    stage = after(in_state(S.RUNNING), Progressed(ID, 1, "w1", progress))
    assert stage.progress == min(max(0.5, progress), 1.0)


def test_signs_of_life_renew_the_lease():
    for event in (EVENTS["started"], EVENTS["progressed"]):
        assert after(in_state(S.RUNNING), event).lease_expires_at == LATER + timedelta(seconds=90)


def test_a_lease_that_has_been_renewed_does_not_expire():
    renewed = replace(in_state(S.RUNNING), lease_expires_at=LATER + timedelta(seconds=1))
    assert after(renewed, EVENTS["expired"]) is renewed


def test_a_redelivery_to_another_worker_starts_the_clock_anew():
    stage = after(in_state(S.RUNNING), Started(ID, 1, "w2"))
    assert (stage.worker_id, stage.started_at) == ("w2", LATER)


def test_another_worker_cannot_release_the_stage():
    stage = in_state(S.RUNNING)
    assert after(stage, Released(ID, 1, "w2")) is stage


def test_a_failure_is_tried_again_until_the_attempts_are_used_up():
    stage = in_state(S.RUNNING)
    for attempt in (1, 2):
        stage = after(stage, Failed(ID, attempt, "w1", FAILURE, retryable=True))
        assert (stage.state, stage.attempt, stage.failure) == (S.RETRYING, attempt + 1, FAILURE)
        stage = replace(request(stage, "key", LATER, POLICY), state=S.RUNNING)
    ended = after(stage, Failed(ID, 3, "w1", FAILURE, retryable=True))
    assert (ended.state, ended.failure) == (S.FAILED, FAILURE)


def test_a_worker_lost_too_often_says_so():
    lost = after(in_state(S.RUNNING, attempt=3), LeaseExpired(ID, 3))
    assert lost.state is S.FAILED
    assert lost.failure is not None
    assert lost.failure.reason == Reason.WORKER_LOST


def test_a_lost_message_costs_no_attempt():
    assert after(in_state(S.QUEUED), EVENTS["expired"]).attempt == 1


@pytest.mark.parametrize(
    ("attempt", "dice", "seconds"),
    [(1, 0.0, 0.0), (1, 1.0, 1.0), (2, 1.0, 2.0), (4, 0.5, 4.0), (20, 1.0, 60.0)],
)
def test_backoff_doubles_up_to_its_cap_with_full_jitter(attempt: int, dice: float, seconds: float):
    assert POLICY.delay(attempt, dice) == timedelta(seconds=seconds)
