"""A planned job, and how it becomes one that can be stored. Pure."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.engine_api.spec import EngineSpec
from services.gateway.jobs.domain.models import (
    InputSource,
    Job,
    JobRecord,
    JobStatus,
    JobWarning,
    Priority,
    Stage,
    StageOutput,
)
from services.gateway.jobs.domain.quantity import UNKNOWN, Quantity


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One stage of a plan.

    `name` is unique in the job, `parameters` is the service's task message in its JSON form, and `weight` is
    the stage's share of the job's progress, relative to the other stages.
    """

    name: str
    engine: EngineSpec
    parameters: Mapping[str, Any]
    inputs: Mapping[str, InputSource]
    weight: float = 1.0
    quantity: Quantity = UNKNOWN


@dataclass(frozen=True, slots=True)
class JobPlan:
    """Plan of a job, as its kind has made it from one request.

    Stages stand in an order in which every producer comes before its consumers. `spec` is JSON and holds the
    request as it was understood under `request`.
    """

    spec: Mapping[str, Any]
    stages: tuple[PlannedStage, ...]
    priority: Priority = Priority.INTERACTIVE
    no_cache: bool = False
    metadata: Mapping[str, str] | None = None
    warnings: tuple[JobWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobIdentity:
    """Ids of a new job, and where it belongs."""

    id: str
    kind: str
    workspace_id: str
    created_at: datetime
    traceparent: str | None = None
    batch_id: str | None = None
    custom_id: str | None = None
    remixed_from: str | None = None


def build_job(identity: JobIdentity, plan: JobPlan) -> Job:
    """Returns the job as it is stored first: queued, with every stage waiting.

    Raises `ValueError` for a plan that could never run: the kind that has made it is at fault.
    """
    check_plan(identity.kind, plan.stages)
    record = JobRecord(
        id=identity.id,
        kind=identity.kind,
        workspace_id=identity.workspace_id,
        status=JobStatus.QUEUED,
        spec=plan.spec,
        created_at=identity.created_at,
        metadata=plan.metadata,
        priority=plan.priority,
        batch_id=identity.batch_id,
        custom_id=identity.custom_id,
        remixed_from=identity.remixed_from,
        traceparent=identity.traceparent,
        warnings=plan.warnings,
    )
    stages = (
        build_stage(record, ordinal, planned, no_cache=plan.no_cache)
        for ordinal, planned in enumerate(plan.stages)
    )
    return Job(record, tuple(stages))


def check_plan(kind: str, stages: Sequence[PlannedStage]) -> None:
    """Raises `ValueError` unless there are stages, each after those whose outputs it takes."""
    known: set[str] = set()
    for stage in stages:
        sources = {source.stage for source in stage.inputs.values() if isinstance(source, StageOutput)}
        if stage.name in known or "#" in stage.name or stage.weight <= 0 or sources - known:
            raise ValueError(
                f"The kind {kind!r} has planned a stage {stage.name!r} that cannot run: its name is taken or "
                "has a #, its weight is not positive, or it comes before a stage that it takes from."
            )
        known.add(stage.name)
    if not known:
        raise ValueError(f"The kind {kind!r} has planned no stages.")


def build_stage(record: JobRecord, ordinal: int, planned: PlannedStage, *, no_cache: bool) -> Stage:
    return Stage(
        id=new_stage_id(),
        job_id=record.id,
        workspace_id=record.workspace_id,
        ordinal=ordinal,
        name=planned.name,
        service=planned.engine.service,
        engine=planned.engine.name,
        engine_version=planned.engine.version,
        parameters=planned.parameters,
        inputs=planned.inputs,
        timeout_seconds=planned.engine.limits.stage_timeout_seconds,
        weight=planned.weight,
        priority=record.priority,
        turn_at=record.created_at,
        quantity=planned.quantity,
        no_cache=no_cache,
    )


def new_job_id(kind: str) -> str:
    """Returns a random id such as `video_1f…`."""
    return f"{kind}_{secrets.token_hex(12)}"


def new_stage_id() -> str:
    return f"stage_{secrets.token_hex(12)}"
