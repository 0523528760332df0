"""How long a video will still take, from how long its engines took of late. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.gateway.videos.records import Job, Stage, StageState

EngineKey = tuple[str, str]
"""Service and engine."""
MIN_PROGRESS = 0.05
"""Below this, a stage's own progress says less than the engine's history."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of each engine: median run seconds, stages queued or running, live concurrency."""

    run_seconds: Mapping[EngineKey, float] = field(default_factory=dict[EngineKey, float])
    queued: Mapping[EngineKey, int] = field(default_factory=dict[EngineKey, int])
    concurrency: Mapping[EngineKey, int] = field(default_factory=dict[EngineKey, int])


def estimate(job: Job, outlook: Outlook, now: datetime) -> float | None:
    """Seconds until the video is done, rounded to tenths; 0 for an ended one.

    `None` when it cannot be known: an engine that has never run, or that no live worker hosts.
    """
    if job.video.status.terminal:
        return 0.0
    open_stages = [stage for stage in job.stages if not stage.state.terminal]
    remaining: dict[EngineKey, float] = {}
    for stage in open_stages:
        left = stage_seconds(stage, outlook, now)
        if left is None:
            return None
        remaining[key_of(stage)] = remaining.get(key_of(stage), 0.0) + left
    waits = [
        wait for key, left in remaining.items() if (wait := engine_seconds(key, left, outlook)) is not None
    ]
    return round(sum(waits), 1) if len(waits) == len(remaining) else None


def stage_seconds(stage: Stage, outlook: Outlook, now: datetime) -> float | None:
    """Run seconds that the stage still needs, without the time that it waits."""
    running = stage.state is StageState.RUNNING and stage.started_at is not None
    elapsed = (now - stage.started_at).total_seconds() if running and stage.started_at else 0.0
    if running and stage.progress >= MIN_PROGRESS:
        return elapsed * (1 - stage.progress) / stage.progress
    usual = outlook.run_seconds.get(key_of(stage))
    return None if usual is None else max(usual - elapsed, 0.0)


def engine_seconds(key: EngineKey, own_seconds: float, outlook: Outlook) -> float | None:
    """The video's own work on one engine and the others' work before it, over the engine's workers."""
    concurrency = outlook.concurrency.get(key, 0)
    if concurrency == 0:
        return None
    usual = outlook.run_seconds.get(key, 0.0)
    ahead = max(outlook.queued.get(key, 0) * usual - own_seconds, 0.0)
    return own_seconds + ahead / concurrency


def key_of(stage: Stage) -> EngineKey:
    return stage.service, stage.engine
