"""Jobs as the API shows them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from services.chassis.engine_api.quality import failed
from services.gateway.jobs.domain.models import (
    CacheUse,
    Execution,
    Failure,
    Job,
    Priority,
    Stage,
    VideoWarning,
)
from services.gateway.jobs.views.estimate import estimate
from services.gateway.jobs.views.explain import Explanation, explain_stage, explain_video
from services.gateway.jobs.views.queue_snapshot import Situation
from services.gateway.videos.responses import (
    CheckObject,
    ExecutionObject,
    ExplanationObject,
    StageObject,
    VideoError,
    VideoObject,
    WarningObject,
)


def video_object(
    job: Job, situation: Situation, executions: Mapping[str, Sequence[Execution]], now: datetime
) -> VideoObject:
    """`executions` by stage id."""
    video = job.video
    explanations = [explain_stage(stage, job, situation, now) for stage in job.stages]
    return VideoObject(
        id=video.id,
        status=video.status.value,
        model=video.model,
        prompt=video.prompt,
        progress=video.progress,
        created_at=int(video.created_at.timestamp()),
        completed_at=int(video.completed_at.timestamp()) if video.completed_at else None,
        error=video_error(video.failure),
        warnings=[WarningObject(**asdict(warning)) for warning in warnings_of(job)],
        seconds=f"{video.seconds or 0:g}",
        size=f"{video.width}x{video.height}",
        priority="batch" if video.priority is Priority.BATCH else "interactive",
        batch_id=video.batch_id,
        custom_id=video.custom_id,
        redriven_from=video.redriven_from,
        seconds_saved=round(sum(stage.saved_seconds for stage in job.stages), 3),
        eta_seconds=estimate(job, situation, now),
        explanation=explanation_object(explain_video(job, explanations)),
        stages=[
            stage_object(stage, explanation, executions.get(stage.id, ()))
            for stage, explanation in zip(job.stages, explanations, strict=True)
        ],
    )


def stage_object(
    stage: Stage, explanation: Explanation | None, executions: Sequence[Execution]
) -> StageObject:
    return StageObject(
        id=stage.id,
        name=stage.name,
        service=stage.service,
        engine=stage.engine,
        state=stage.state.value,
        explanation=explanation_object(explanation),
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
        checks=[CheckObject(**asdict(check)) for check in stage.checks],
        executions=[execution_object(execution) for execution in executions],
    )


def explanation_object(explanation: Explanation | None) -> ExplanationObject | None:
    if explanation is None:
        return None
    return ExplanationObject.model_validate(
        {"code": explanation.code.name.lower(), "message": explanation.message}
    )


def execution_object(execution: Execution) -> ExecutionObject:
    return ExecutionObject(
        worker=execution.worker_id,
        attempt=execution.attempt,
        started_at=execution.started_at.timestamp(),
        ended_at=seconds(execution.ended_at),
        outcome=execution.outcome.value if execution.outcome else None,
        error=video_error(execution.failure),
    )


def warnings_of(job: Job) -> list[VideoWarning]:
    """Those of the request, then the failed checks of its stages."""
    seen = (
        VideoWarning(check.name, check.message, stage.name)
        for stage in job.stages
        for check in failed(stage.checks)
    )
    return [*job.video.warnings, *seen]


def run_seconds(stage: Stage) -> float | None:
    if stage.started_at is None or stage.completed_at is None or stage.cache is CacheUse.HIT:
        return None
    return (stage.completed_at - stage.started_at).total_seconds()


def video_error(failure: Failure | None) -> VideoError | None:
    return VideoError(code=failure.reason, message=failure.message) if failure else None


def seconds(moment: datetime | None) -> float | None:
    return round(moment.timestamp(), 3) if moment else None
