"""What an event does to a stage. Pure: the clock and the dice are arguments.

A terminal state never changes, progress never falls, and the first completion wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.errors import Reason
from services.chassis.storage import Artifact
from services.gateway.videos.records import Failure, Stage, StageState


@dataclass(frozen=True, slots=True)
class Started:
    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class Progressed:
    stage_id: str
    attempt: int
    worker_id: str
    progress: float


@dataclass(frozen=True, slots=True)
class Completed:
    stage_id: str
    attempt: int
    worker_id: str
    outputs: Mapping[str, Artifact]
    media_seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    stage_id: str
    attempt: int
    worker_id: str
    failure: Failure
    retryable: bool


@dataclass(frozen=True, slots=True)
class Released:
    """A worker that drains has handed the stage back to the bus."""

    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class LeaseExpired:
    """Nobody has spoken for the stage since its lease was last renewed."""

    stage_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class CancelRequested:
    stage_id: str


StageEvent = Started | Progressed | Completed | Failed | Released | LeaseExpired | CancelRequested


@dataclass(frozen=True, slots=True)
class KnownResult:
    """What a stage with the same action key has made in the same workspace."""

    outputs: Mapping[str, Artifact]
    media_seconds: float


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter. `lease_seconds` outlives the bus's own redelivery."""

    max_attempts: int
    base_seconds: float
    cap_seconds: float
    lease_seconds: float

    def delay(self, attempt: int, dice: float) -> timedelta:
        """`dice` is uniform in [0, 1)."""
        return timedelta(seconds=dice * min(self.cap_seconds, self.base_seconds * 2 ** (attempt - 1)))


def transition(stage: Stage, event: StageEvent, *, now: datetime, dice: float, policy: RetryPolicy) -> Stage:
    """The stage after the event: the same object if the event does not apply to it."""
    if stage.state.terminal:
        return stage
    match event:
        case CancelRequested():
            return replace(
                stage, state=StageState.CANCELLED, completed_at=now, lease_expires_at=None, not_before=None
            )
        case Completed():
            return complete(stage, event, now) if stage.state is not StageState.WAITING else stage
        case _ if event.attempt != stage.attempt or stage.state not in (
            StageState.QUEUED,
            StageState.RUNNING,
        ):
            return stage
        case Started():
            return start(stage, event.worker_id, now, policy)
        case Progressed():
            running = start(stage, event.worker_id, now, policy)
            return replace(running, progress=max(stage.progress, min(event.progress, 1.0)))
        case Failed():
            return fail(stage, event.failure, event.retryable, now, policy.delay(stage.attempt, dice), policy)
        case Released():
            return release(stage, event.worker_id, now, policy)
        case LeaseExpired():
            return expire(stage, now, policy)


def request(stage: Stage, key: str, now: datetime, policy: RetryPolicy) -> Stage:
    """A waiting or retrying stage, asked for on the bus."""
    return replace(
        stage,
        state=StageState.QUEUED,
        action_key=key,
        queued_at=now,
        not_before=None,
        worker_id=None,
        lease_expires_at=now + timedelta(seconds=policy.lease_seconds),
    )


def reuse(stage: Stage, key: str, known: KnownResult, now: datetime) -> Stage:
    """A stage whose result was known already; it has not run."""
    return replace(
        stage,
        state=StageState.COMPLETED,
        action_key=key,
        cached=True,
        outputs=known.outputs,
        media_seconds=known.media_seconds,
        progress=1.0,
        completed_at=now,
        not_before=None,
        failure=None,
    )


def start(stage: Stage, worker_id: str, now: datetime, policy: RetryPolicy) -> Stage:
    fresh = stage.state is not StageState.RUNNING or stage.worker_id != worker_id
    return replace(
        stage,
        state=StageState.RUNNING,
        worker_id=worker_id,
        started_at=now if fresh else stage.started_at,
        lease_expires_at=now + timedelta(seconds=policy.lease_seconds),
    )


def complete(stage: Stage, event: Completed, now: datetime) -> Stage:
    return replace(
        stage,
        state=StageState.COMPLETED,
        worker_id=event.worker_id,
        outputs=event.outputs,
        media_seconds=event.media_seconds,
        progress=1.0,
        started_at=stage.started_at or now,
        completed_at=now,
        lease_expires_at=None,
        not_before=None,
        failure=None,
    )


def fail(
    stage: Stage, failure: Failure, retryable: bool, now: datetime, delay: timedelta, policy: RetryPolicy
) -> Stage:
    if retryable and stage.attempt < policy.max_attempts:
        return replace(
            stage,
            state=StageState.RETRYING,
            attempt=stage.attempt + 1,
            not_before=now + delay,
            lease_expires_at=None,
            worker_id=None,
            failure=failure,
        )
    return replace(stage, state=StageState.FAILED, completed_at=now, lease_expires_at=None, failure=failure)


def release(stage: Stage, worker_id: str, now: datetime, policy: RetryPolicy) -> Stage:
    if stage.worker_id not in (None, worker_id):
        return stage
    return replace(
        stage,
        state=StageState.QUEUED,
        worker_id=None,
        lease_expires_at=now + timedelta(seconds=policy.lease_seconds),
    )


def expire(stage: Stage, now: datetime, policy: RetryPolicy) -> Stage:
    if stage.lease_expires_at is None or stage.lease_expires_at > now:
        return stage
    if stage.state is StageState.QUEUED:
        return replace(stage, state=StageState.RETRYING, not_before=now, lease_expires_at=None)
    lost = Failure(Reason.WORKER_LOST, f"Worker {stage.worker_id} stopped answering while it ran this stage.")
    return fail(stage, lost, True, now, timedelta(0), policy)
