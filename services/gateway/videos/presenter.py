"""Jobs as the API shows them. Pure."""

from datetime import datetime

from services.gateway.videos.estimate import Outlook, estimate
from services.gateway.videos.records import CacheUse, Failure, Job, Stage
from services.gateway.videos.schemas import StageObject, VideoError, VideoObject


def video_object(job: Job, outlook: Outlook, now: datetime) -> VideoObject:
    video = job.video
    return VideoObject(
        id=video.id,
        status=video.status.value,
        model=video.model,
        prompt=video.prompt,
        progress=video.progress,
        created_at=int(video.created_at.timestamp()),
        completed_at=int(video.completed_at.timestamp()) if video.completed_at else None,
        error=video_error(video.failure),
        seconds=f"{video.seconds or 0:g}",
        size=f"{video.width}x{video.height}",
        seconds_saved=round(sum(stage.saved_seconds for stage in job.stages), 3),
        eta_seconds=estimate(job, outlook, now),
        stages=[stage_object(stage) for stage in job.stages],
    )


def stage_object(stage: Stage) -> StageObject:
    return StageObject(
        name=stage.name,
        service=stage.service,
        engine=stage.engine,
        state=stage.state.value,
        progress=round(stage.progress, 4),
        attempt=stage.attempt,
        cache=stage.cache.value if stage.cache else None,
        seconds_saved=round(stage.saved_seconds, 3),
        worker=stage.worker_id,
        queued_at=seconds(stage.queued_at),
        started_at=seconds(stage.started_at),
        completed_at=seconds(stage.completed_at),
        retry_at=seconds(stage.not_before),
        run_seconds=run_seconds(stage),
        error=video_error(stage.failure),
    )


def run_seconds(stage: Stage) -> float | None:
    if stage.started_at is None or stage.completed_at is None or stage.cache is CacheUse.HIT:
        return None
    return (stage.completed_at - stage.started_at).total_seconds()


def video_error(failure: Failure | None) -> VideoError | None:
    return VideoError(code=failure.reason, message=failure.message) if failure else None


def seconds(moment: datetime | None) -> float | None:
    return round(moment.timestamp(), 3) if moment else None
