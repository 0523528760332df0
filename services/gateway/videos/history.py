"""What a client is told of a change. Pure."""

from dataclasses import dataclass
from typing import Any

from services.gateway.videos.records import Job, Stage, Video


@dataclass(frozen=True, slots=True)
class VideoEvent:
    video_id: str
    type: str
    data: dict[str, Any]


def describe(before: Job | None, after: Job) -> list[VideoEvent]:
    """One event for each stage and for the video, if it has changed visibly."""
    old = {stage.id: stage for stage in before.stages} if before else {}
    events = [event for stage in after.stages if (event := _stage_event(old.get(stage.id), stage))]
    video_event = _video_event(before.video if before else None, after.video)
    return [*events, video_event] if video_event else events


def _stage_event(before: Stage | None, after: Stage) -> VideoEvent | None:
    if before is None or before is after:
        return None
    if (before.state, before.attempt, before.worker_id) != (after.state, after.attempt, after.worker_id):
        kind = f"stage.{after.state}"
    elif int(before.progress * 100) != int(after.progress * 100):
        kind = "stage.progress"
    else:
        return None
    return VideoEvent(after.video_id, kind, {"stage": after.name, "progress": round(after.progress, 4)})


def _video_event(before: Video | None, after: Video) -> VideoEvent | None:
    if before is not None and before.status is after.status:
        return None
    return VideoEvent(after.id, f"video.{after.status}", {"progress": after.progress})
