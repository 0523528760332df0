"""Explains to clients why a stage or job is not done yet. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from services.chassis.service_list import worker_services
from services.gateway.jobs.domain.models import Job, Stage, StageOutput, StageState
from services.gateway.jobs.views.queue_snapshot import QUEUE_LIMIT, QueueSnapshot


class Code(IntEnum):
    """Kind of an explanation: of a job's stages, the one with the smallest code explains the job."""

    NO_WORKER = 0
    LOST = 1
    RETRYING = 2
    RUNNING = 3
    QUEUED_BEHIND = 4
    SAME_WORK_RUNNING = 5
    WAITING_FOR_INPUTS = 6


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code for programs and a message for people."""

    code: Code
    message: str


def explain_job(job: Job, explanations: Sequence[Explanation | None]) -> Explanation | None:
    """Returns the explanation of the stage with the smallest code, after the stage's name.

    Returns `None` for a job that has ended.
    """
    pairs = zip(job.stages, explanations, strict=True)
    candidates = [
        (explanation.code, stage.name, explanation.message) for stage, explanation in pairs if explanation
    ]
    if job.record.status.terminal or not candidates:
        return None
    code, name, message = min(candidates, key=lambda each: each[0])
    return Explanation(code, f"{name}: {message}")


def explain_stage(stage: Stage, job: Job, snapshot: QueueSnapshot, now: datetime) -> Explanation | None:
    """Returns `None` for a stage that has ended."""
    if job.record.status.terminal:
        return None
    match stage.state:
        case StageState.WAITING:
            return _waiting(stage, job, snapshot)
        case StageState.READY | StageState.QUEUED:
            return _queued(stage, job, snapshot)
        case StageState.RUNNING:
            return _running(stage, snapshot, now)
        case StageState.RETRYING:
            return _retrying(stage, snapshot, now)
        case _:
            return None


def _waiting(stage: Stage, job: Job, snapshot: QueueSnapshot) -> Explanation:
    done = {other.name for other in job.stages if other.state is StageState.COMPLETED}
    sources = {source.stage for source in stage.inputs.values() if isinstance(source, StageOutput)}
    missing = [other.name for other in job.stages if other.name in sources - done]
    message = f"Waits for {_listed(missing)}." if missing else "Its inputs have just been made."
    if not snapshot.of(stage).workers:
        message += f" {_no_worker(stage)}"
    return Explanation(Code.WAITING_FOR_INPUTS, message)


def _queued(stage: Stage, job: Job, snapshot: QueueSnapshot) -> Explanation:
    same = snapshot.in_flight.get((stage.workspace_id, stage.action_key or ""), set()) - {stage.id}
    if stage.state is StageState.READY and same and not stage.no_cache:
        message = "Another stage makes the same result right now; it will be used here too."
        return Explanation(Code.SAME_WORK_RUNNING, message)
    engine = snapshot.of(stage)
    if not engine.workers:
        return Explanation(Code.NO_WORKER, _no_worker(stage))
    if stage.state is StageState.QUEUED:
        ahead = _count(engine.running + _index(engine.queued, stage.id))
    else:
        ahead = _ahead_of_ready(stage, job, snapshot)
    name, workers = _engine(stage), _counted(len(engine.workers), "live worker")
    message = f"{ahead} on {name}, which has {workers}." if ahead else f"Next on {name}, which has {workers}."
    return Explanation(Code.QUEUED_BEHIND, message)


def _ahead_of_ready(stage: Stage, job: Job, snapshot: QueueSnapshot) -> str:
    """Returns how many stages run before a ready one, in words.

    Other workspaces take turns with this one, so the number is approximate if they have ready stages too.
    """
    engine = snapshot.of(stage)
    position = snapshot.positions.get(((stage.service, stage.engine), stage.job_id))
    if position is None and engine.ready >= QUEUE_LIMIT:
        return f"Behind more than {QUEUE_LIMIT} stages"
    own = [
        each.id for each in job.stages if each.state is StageState.READY and _engine(each) == _engine(stage)
    ]
    before = (position.before if position else 0) + _index(own, stage.id)
    alone = position is None or engine.ready <= position.total
    return _count(engine.running + len(engine.queued) + before, "" if alone else "about ")


def _running(stage: Stage, snapshot: QueueSnapshot, now: datetime) -> Explanation:
    since = f"{stage.started_at:%Y-%m-%d %H:%M:%S} UTC" if stage.started_at else "just now"
    if stage.worker_id not in snapshot.of(stage).workers:
        left = _seconds(stage.lease_expires_at, now)
        message = f"Worker {stage.worker_id} has fallen silent. Unless it speaks again, its stage is lost"
        return Explanation(Code.LOST, f"{message} in {left}, and runs elsewhere.")
    message = f"Running on worker {stage.worker_id} since {since}, attempt {stage.attempt}."
    return Explanation(Code.RUNNING, message)


def _retrying(stage: Stage, snapshot: QueueSnapshot, now: datetime) -> Explanation:
    reason, why = (stage.failure.reason, stage.failure.message) if stage.failure else ("unknown", "")
    number, limit = stage.failures.get(reason, 0) + 1, snapshot.failure_limits.get(reason)
    attempt = f"attempt {number} of {limit}" if limit else f"attempt {number}"
    message = f"Tries again in {_seconds(stage.not_before, now)} after {reason} ({why}), {attempt}."
    return Explanation(Code.RETRYING, message)


def _no_worker(stage: Stage) -> str:
    service = worker_services().get(stage.service)
    module = service.module if service else f"services.{stage.service}"
    start = f"LIKENESS_ENGINES={stage.engine} python -m {module}"
    return f"No live worker hosts {_engine(stage)}. Start one with `{start}`."


def _engine(stage: Stage) -> str:
    return f"{stage.service}/{stage.engine}"


def _count(ahead: int, about: str = "") -> str:
    return f"Behind {about}{_counted(ahead, 'stage')}" if ahead else ""


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _index(ids: Sequence[str], stage_id: str) -> int:
    """Returns the stage's index, or the end if it is not included: it has come since the ids were read."""
    return ids.index(stage_id) if stage_id in ids else len(ids)


def _listed(names: Sequence[str], max_names: int = 3) -> str:
    if len(names) > max_names:
        return f"{', '.join(names[:max_names])} and {len(names) - max_names} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _seconds(moment: datetime | None, now: datetime) -> str:
    left = (moment - now).total_seconds() if moment else 0.0
    return f"{max(left, 0.0):.1f} s"
