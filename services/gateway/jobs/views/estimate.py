"""Estimates how long a job will still take, from recent runs of its engines. Pure."""

from datetime import datetime

from services.gateway.jobs.domain.models import EngineKey, Job, Stage, StageState
from services.gateway.jobs.views.queue_snapshot import EngineSnapshot, QueueSnapshot

MIN_PROGRESS = 0.05
"""Progress below which a stage's own pace says less than the engine's history."""


def estimate(job: Job, snapshot: QueueSnapshot, now: datetime) -> float | None:
    """Returns the seconds until the job is done, rounded to tenths; 0 for a job that has ended.

    Returns `None` if an engine has never run, or no live worker hosts it.
    """
    if job.record.status.terminal:
        return 0.0
    open_stages = [stage for stage in job.stages if not stage.state.terminal]
    remaining: dict[EngineKey, float] = {}
    for stage in open_stages:
        left = stage_seconds(stage, snapshot, now)
        if left is None:
            return None
        remaining[key_of(stage)] = remaining.get(key_of(stage), 0.0) + left
    waits = [
        wait
        for key, left in remaining.items()
        if (wait := engine_seconds(snapshot.engines.get(key, EngineSnapshot()), left)) is not None
    ]
    return round(sum(waits), 1) if len(waits) == len(remaining) else None


def stage_seconds(stage: Stage, snapshot: QueueSnapshot, now: datetime) -> float | None:
    """Returns the run seconds that the stage still needs, without its waiting time; `None` if unknown."""
    running = stage.state is StageState.RUNNING and stage.started_at is not None
    elapsed = (now - stage.started_at).total_seconds() if running and stage.started_at else 0.0
    if running and stage.progress >= MIN_PROGRESS:
        return elapsed * (1 - stage.progress) / stage.progress
    usual = snapshot.of(stage).run_seconds
    return None if usual is None else max(usual - elapsed, 0.0)


def engine_seconds(engine: EngineSnapshot, own_seconds: float) -> float | None:
    """Returns the seconds of the job's own work on one engine, and of the work before it shared by the slots.

    Returns `None` if no live worker hosts the engine.
    """
    if engine.slots == 0:
        return None
    ahead = max(engine.unfinished * (engine.run_seconds or 0.0) - own_seconds, 0.0)
    return own_seconds + ahead / engine.slots


def key_of(stage: Stage) -> EngineKey:
    return stage.service, stage.engine
