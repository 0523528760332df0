"""Converts jobs and stages to response models. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from services.chassis.engine_api.quality import failed
from services.gateway.jobs.domain.models import (
    CacheUse,
    Execution,
    Failure,
    Job,
    JobWarning,
    Priority,
    Stage,
)
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.views.explain import Explanation, explain_job, explain_stage
from services.gateway.jobs.views.objects import (
    CheckObject,
    ExecutionObject,
    ExplanationObject,
    JobError,
    StageObject,
    WarningObject,
)
from services.gateway.jobs.views.queue_snapshot import QueueSnapshot


@dataclass(frozen=True, slots=True)
class JobView:
    """Everything that a response needs beside the job: queues, forecast, and its executions by stage id.

    `complete` includes the request.
    """

    snapshot: QueueSnapshot
    forecast: Forecast
    executions: Mapping[str, Sequence[Execution]]
    now: datetime
    complete: bool = True


def job_fields(job: Job, view: JobView) -> dict[str, Any]:
    """Returns the fields of `JobObject`, for the constructor of a kind's own object."""
    record = job.record
    explanations = [explain_stage(stage, job, view.snapshot, view.now) for stage in job.stages]
    return {
        "id": record.id,
        "status": record.status.value,
        "progress": record.progress,
        "created_at": int(record.created_at.timestamp()),
        "completed_at": int(record.completed_at.timestamp()) if record.completed_at else None,
        "error": job_error(record.failure),
        "warnings": warning_objects(warnings_of(job)),
        "priority": "batch" if record.priority is Priority.BATCH else "interactive",
        "batch_id": record.batch_id,
        "custom_id": record.custom_id,
        "title": title_of(job),
        "metadata": dict(record.metadata or {}),
        "redriven_from": record.redriven_from,
        "seconds_saved": round(sum(stage.saved_seconds for stage in job.stages), 3),
        "eta_seconds": view.forecast.eta_seconds(job, view.now),
        "explanation": explanation_object(explain_job(job, explanations)),
        "request": record.spec.get("request") if view.complete else None,
        "stages": [
            stage_object(stage, explanation, view.executions.get(stage.id, ()))
            for stage, explanation in zip(job.stages, explanations, strict=True)
        ],
    }


def title_of(job: Job) -> str | None:
    """Returns the title that the job's request gave it."""
    request: Mapping[str, Any] = job.record.spec.get("request") or {}
    return request.get("title") or None


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
        error=job_error(stage.failure),
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
        error=job_error(execution.failure),
    )


def warning_objects(warnings: Iterable[JobWarning]) -> list[WarningObject]:
    return [WarningObject(**asdict(warning)) for warning in warnings]


def warnings_of(job: Job) -> list[JobWarning]:
    """Returns the warnings about the request, then the failed checks of the stages."""
    from_checks = (
        JobWarning(check.name, check.message, stage.name)
        for stage in job.stages
        for check in failed(stage.checks)
    )
    return [*job.record.warnings, *from_checks]


def run_seconds(stage: Stage) -> float | None:
    """Returns `None` for a stage that has not run to its end: also if its result was known."""
    if stage.started_at is None or stage.completed_at is None or stage.cache is CacheUse.HIT:
        return None
    return (stage.completed_at - stage.started_at).total_seconds()


def job_error(failure: Failure | None) -> JobError | None:
    return JobError(code=failure.reason, message=failure.message) if failure else None


def seconds(moment: datetime | None) -> float | None:
    """Returns seconds since the Unix epoch, rounded to milliseconds."""
    return round(moment.timestamp(), 3) if moment else None
