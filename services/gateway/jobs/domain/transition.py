"""Computes a stage's state after an event. Pure: the clock and the jitter are arguments.

A terminal state never changes, progress never falls, and the first completion wins.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import (
    Admitted,
    CancelRequested,
    Completed,
    Failed,
    HandedBack,
    InputLost,
    LeaseExpired,
    Overran,
    Prepared,
    Progressed,
    RetryDue,
    Reused,
    StageEvent,
    Started,
    WorkerEvent,
)
from services.gateway.jobs.domain.fast_replace import fast_replace
from services.gateway.jobs.domain.models import CacheUse, Failure, Stage, StageState
from services.gateway.jobs.domain.retry import RetryPolicy

S = StageState
RUNNABLE = (S.READY, S.QUEUED, S.RUNNING)
"""States in which a worker may run the stage. Also `READY`: a command that was thought lost may be late."""
RELEASED: Mapping[str, None] = {"lease_expires_at": None, "not_before": None}
"""Field values of a stage that has no lease and waits for no retry time."""


def transition(
    stage: Stage, event: StageEvent, *, now: datetime, jitter: float, policy: RetryPolicy
) -> Stage:
    """Returns the stage after the event: the same object if the event does not apply to it."""
    if stage.state.terminal:
        return stage
    match event:
        case CancelRequested():
            return fast_replace(stage, **RELEASED, state=S.CANCELLED, completed_at=now)
        case Prepared() if stage.state in (S.WAITING, S.READY):
            return _prepare(stage, event.action_key, now)
        case RetryDue() if stage.state is S.RETRYING and stage.not_before and stage.not_before <= now:
            return _ready(stage, now)
        case Reused() if stage.state is S.READY:
            return _reuse(stage, event, now)
        case Admitted() if stage.state is S.READY:
            lease = now + timedelta(seconds=policy.queue_seconds)
            return fast_replace(stage, state=S.QUEUED, lease_expires_at=lease)
        case Completed() if stage.state is not S.WAITING:
            return _complete(stage, event, now)
        case Started() | Progressed() | Failed() | HandedBack() | InputLost() if _may_report(stage, event):
            return _apply_report(stage, event, now, jitter, policy)
        case LeaseExpired() | Overran() if event.attempt == stage.attempt:
            return _expire(stage, event, now, jitter, policy)
        case _:
            return stage


def _may_report(stage: Stage, event: WorkerEvent | InputLost) -> bool:
    """Tells whether the event's worker may report on the stage.

    A worker that starts the stage takes it over from another: the bus has delivered it again.
    """
    if stage.state not in RUNNABLE or event.attempt != stage.attempt:
        return False
    return isinstance(event, Started) or stage.worker_id in (None, event.worker_id)


def _apply_report(
    stage: Stage, event: WorkerEvent | InputLost, now: datetime, jitter: float, policy: RetryPolicy
) -> Stage:
    match event:
        case Progressed():
            running = _start(stage, event.worker_id, now, policy)
            return fast_replace(running, progress=max(stage.progress, min(event.progress, 1.0)))
        case Failed():
            return _fail(stage, event.failure, now, jitter, policy)
        case InputLost():
            return _await_input(stage, event.failure, now, policy)
        case HandedBack():
            lease = now + timedelta(seconds=policy.queue_seconds)
            return fast_replace(stage, state=S.QUEUED, worker_id=None, lease_expires_at=lease)
        case _:
            return _start(stage, event.worker_id, now, policy)


def _prepare(stage: Stage, action_key: str, now: datetime) -> Stage:
    use = CacheUse.BYPASS if stage.no_cache else CacheUse.MISS
    return fast_replace(
        stage, **RELEASED, state=S.READY, worker_id=None, queued_at=now, action_key=action_key, cache=use
    )


def _ready(stage: Stage, now: datetime) -> Stage:
    return fast_replace(stage, **RELEASED, state=S.READY, worker_id=None, queued_at=now)


def _reuse(stage: Stage, event: Reused, now: datetime) -> Stage:
    known = event.known
    return fast_replace(
        stage,
        state=S.COMPLETED,
        cache=CacheUse.HIT,
        outputs=known.outputs,
        media_seconds=known.media_seconds,
        checks=known.checks,
        saved_seconds=known.run_seconds,
        progress=1.0,
        completed_at=now,
        failure=None,
    )


def _start(stage: Stage, worker_id: str, now: datetime, policy: RetryPolicy) -> Stage:
    fresh = stage.state is not S.RUNNING or stage.worker_id != worker_id
    return fast_replace(
        stage,
        state=S.RUNNING,
        worker_id=worker_id,
        started_at=now if fresh else stage.started_at,
        lease_expires_at=now + timedelta(seconds=policy.lease_seconds),
    )


def _complete(stage: Stage, event: Completed, now: datetime) -> Stage:
    return fast_replace(
        stage,
        **RELEASED,
        state=S.COMPLETED,
        worker_id=event.worker_id,
        outputs=event.outputs,
        media_seconds=event.media_seconds,
        checks=event.checks,
        billable=True,
        progress=1.0,
        started_at=stage.started_at or now - timedelta(seconds=max(event.ran_seconds, 0.0)),
        completed_at=now,
        failure=None,
    )


def _fail(stage: Stage, failure: Failure, now: datetime, jitter: float, policy: RetryPolicy) -> Stage:
    failures = {**stage.failures, failure.reason: stage.failures.get(failure.reason, 0) + 1}
    failed = fast_replace(stage, **RELEASED, failures=failures, failure=failure)
    delay = policy.next_delay(failure.reason, failures[failure.reason], jitter)
    if delay is None:
        return fast_replace(failed, state=S.FAILED, completed_at=now)
    return fast_replace(
        failed, state=S.RETRYING, attempt=stage.attempt + 1, worker_id=None, not_before=now + delay
    )


def _await_input(stage: Stage, failure: Failure, now: datetime, policy: RetryPolicy) -> Stage:
    """Counts the failure, then lets the stage wait for its input instead of a retry time."""
    failed = _fail(stage, failure, now, 0.0, policy)
    return fast_replace(failed, state=S.WAITING, not_before=None) if failed.state is S.RETRYING else failed


def _expire(
    stage: Stage, event: LeaseExpired | Overran, now: datetime, jitter: float, policy: RetryPolicy
) -> Stage:
    if isinstance(event, Overran):
        return _end_overrun(stage, now, jitter, policy)
    if stage.lease_expires_at is None or stage.lease_expires_at > now:
        return stage
    if stage.state is S.QUEUED:
        return _ready(stage, stage.queued_at or now)
    lost = Failure(Reason.WORKER_LOST, f"Worker {stage.worker_id} stopped answering while it ran this stage.")
    return _fail(stage, lost, now, jitter, policy)


def _end_overrun(stage: Stage, now: datetime, jitter: float, policy: RetryPolicy) -> Stage:
    if stage.state is not S.RUNNING or stage.started_at is None or not stage.timeout_seconds:
        return stage
    if now < stage.started_at + timedelta(seconds=stage.timeout_seconds + policy.grace_seconds):
        return stage
    message = f"The stage ran for more than {stage.timeout_seconds:g} s, and its worker did not end it."
    return _fail(stage, Failure(Reason.TIMED_OUT, message), now, jitter, policy)
