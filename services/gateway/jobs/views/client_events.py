"""What a client is told of a change. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.gateway.jobs.domain.models import Stage, Video


@dataclass(frozen=True, slots=True)
class VideoEvent:
    video_id: str
    type: str
    data: dict[str, Any]


def beginning(video: Video) -> VideoEvent:
    return VideoEvent(video.id, f"video.{video.status}", {"progress": video.progress})


def describe(before: Video, after: Video, stages: Iterable[tuple[Stage | None, Stage]]) -> list[VideoEvent]:
    """One event for each of the stages, given as they were (`None`: not at all) and as they are, and for the
    video, if it has changed visibly."""
    events = [event for old, new in stages if (event := _stage_event(old, new))]
    return events if before.status is after.status else [*events, beginning(after)]


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
