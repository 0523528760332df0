"""How long a job will still take, from how long its engines took of late. Pure."""

from datetime import datetime

from services.gateway.jobs.domain.models import EngineKey, Job, Stage, StageState
from services.gateway.jobs.views.queue_snapshot import EngineSnapshot, QueueSnapshot

MIN_PROGRESS = 0.05
"""Below this, a stage's own progress says less than the engine's history."""


def estimate(job: Job, situation: QueueSnapshot, now: datetime) -> float | None:
    """Seconds until the job is done, rounded to tenths; 0 for an ended one.

    `None` when it cannot be known: an engine that has never run, or that no live worker hosts.
    """
    if job.record.status.terminal:
        return 0.0
    open_stages = [stage for stage in job.stages if not stage.state.terminal]
    remaining: dict[EngineKey, float] = {}
    for stage in open_stages:
        left = stage_seconds(stage, situation, now)
        if left is None:
            return None
        remaining[key_of(stage)] = remaining.get(key_of(stage), 0.0) + left
    waits = [
        wait
        for key, left in remaining.items()
        if (wait := engine_seconds(situation.engines.get(key, EngineSnapshot()), left)) is not None
    ]
    return round(sum(waits), 1) if len(waits) == len(remaining) else None


def stage_seconds(stage: Stage, situation: QueueSnapshot, now: datetime) -> float | None:
    """Run seconds that the stage still needs, without the time that it waits."""
    running = stage.state is StageState.RUNNING and stage.started_at is not None
    elapsed = (now - stage.started_at).total_seconds() if running and stage.started_at else 0.0
    if running and stage.progress >= MIN_PROGRESS:
        return elapsed * (1 - stage.progress) / stage.progress
    usual = situation.of(stage).run_seconds
    return None if usual is None else max(usual - elapsed, 0.0)


def engine_seconds(engine: EngineSnapshot, own_seconds: float) -> float | None:
    """The job's own work on one engine and the others' work before it, over the engine's workers."""
    if engine.slots == 0:
        return None
    ahead = max(engine.unfinished * (engine.run_seconds or 0.0) - own_seconds, 0.0)
    return own_seconds + ahead / engine.slots


def key_of(stage: Stage) -> EngineKey:
    return stage.service, stage.engine
