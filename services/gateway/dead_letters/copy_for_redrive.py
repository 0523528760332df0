"""The same video once more. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from services.gateway.jobs.domain.models import InputSource, Job, Stage, StageOutput, Video, VideoStatus
from services.gateway.jobs.views.queue_snapshot import EngineKey


def once_more(
    job: Job,
    *,
    video_id: str,
    new_stage_id: Callable[[], str],
    versions: Mapping[EngineKey, str],
    now: datetime,
) -> Job:
    """A new job with the same specification, as if it were asked for now: nothing of it has begun.

    `versions` are those of the engines today: whatever runs a stage today makes that version's result.
    """
    old = job.video
    video = Video(
        id=video_id,
        workspace_id=old.workspace_id,
        status=VideoStatus.QUEUED,
        model=old.model,
        prompt=old.prompt,
        width=old.width,
        height=old.height,
        created_at=now,
        priority=old.priority,
        custom_id=old.custom_id,
        redriven_from=old.id,
        traceparent=old.traceparent,
        warnings=old.warnings,
    )
    planned = [stage for stage in job.stages if stage.name == planned_name(stage.name)]
    stages = tuple(_afresh(stage, video, new_stage_id(), versions) for stage in planned)
    return Job(video, stages)


def planned_name(name: str) -> str:
    """Without the number that the copy of a stage has which makes a lost artifact again."""
    return name.partition("#")[0]


def _afresh(stage: Stage, video: Video, stage_id: str, versions: Mapping[EngineKey, str]) -> Stage:
    return Stage(
        id=stage_id,
        video_id=video.id,
        workspace_id=video.workspace_id,
        ordinal=stage.ordinal,
        name=stage.name,
        service=stage.service,
        engine=stage.engine,
        engine_version=versions.get((stage.service, stage.engine), stage.engine_version),
        parameters=stage.parameters,
        inputs={name: _planned_source(source) for name, source in stage.inputs.items()},
        timeout_seconds=stage.timeout_seconds,
        priority=video.priority,
        submitted_at=video.created_at,
        no_cache=stage.no_cache,
    )


def _planned_source(source: InputSource) -> InputSource:
    return replace(source, stage=planned_name(source.stage)) if isinstance(source, StageOutput) else source
