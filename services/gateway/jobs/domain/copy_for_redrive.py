"""Copies a failed job, to be run again as a new one. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from services.gateway.jobs.domain.models import (
    EngineKey,
    InputSource,
    Job,
    JobRecord,
    JobStatus,
    Stage,
    StageOutput,
)


def copy_for_redrive(
    job: Job,
    *,
    job_id: str,
    new_stage_id: Callable[[], str],
    versions: Mapping[EngineKey, str],
    now: datetime,
) -> Job:
    """Returns a new job with the same specification, of which nothing has begun.

    `versions` are those of the engines today, for the action keys: a stage that runs today makes what today's
    version makes.
    """
    old = job.record
    record = JobRecord(
        id=job_id,
        kind=old.kind,
        workspace_id=old.workspace_id,
        status=JobStatus.QUEUED,
        spec=old.spec,
        created_at=now,
        project_id=old.project_id,
        metadata=old.metadata,
        priority=old.priority,
        custom_id=old.custom_id,
        redriven_from=old.id,
        remixed_from=old.remixed_from,
        traceparent=old.traceparent,
        warnings=old.warnings,
    )
    planned = [stage for stage in job.stages if stage.name == planned_name(stage.name)]
    return Job(record, tuple(_fresh_copy(stage, old, record, new_stage_id(), versions) for stage in planned))


def planned_name(name: str) -> str:
    """Returns the name that the plan gave the stage: without the `#2` of a copy that makes a lost artifact
    again."""
    return name.partition("#")[0]


def _fresh_copy(
    stage: Stage, old: JobRecord, record: JobRecord, stage_id: str, versions: Mapping[EngineKey, str]
) -> Stage:
    return Stage(
        id=stage_id,
        job_id=record.id,
        workspace_id=record.workspace_id,
        ordinal=stage.ordinal,
        name=stage.name,
        service=stage.service,
        engine=stage.engine,
        engine_version=versions.get((stage.service, stage.engine), stage.engine_version),
        parameters=stage.parameters,
        inputs={name: _planned_source(source) for name, source in stage.inputs.items()},
        timeout_seconds=stage.timeout_seconds,
        weight=stage.weight,
        priority=record.priority,
        turn_at=record.created_at + ((stage.turn_at or old.created_at) - old.created_at),
        quantity=stage.quantity,
        no_cache=stage.no_cache,
    )


def _planned_source(source: InputSource) -> InputSource:
    return replace(source, stage=planned_name(source.stage)) if isinstance(source, StageOutput) else source
