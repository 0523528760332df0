"""Makes lost artifacts again: adds a copy of the stage that had made one, which stays as it is. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from services.chassis.storage import Artifact
from services.gateway.jobs.domain.models import InputSource, Job, Stage, StageOutput, StageState


def is_repairable(stage: Stage, missing: str) -> bool:
    """Tells whether another stage can make the missing object again: not if it is the user's asset."""
    direct = {source.key for source in stage.inputs.values() if isinstance(source, Artifact)}
    return bool(missing) and missing not in direct


def with_repairs(job: Job, missing: str) -> Job:
    """Returns the job with a copy of each stage that has made the missing object.

    Unfinished consumers take their input from the copy from now on. The job is unchanged while such a copy is
    under way.
    """
    for stage in job.stages:
        if stage.state is StageState.COMPLETED and missing in {each.key for each in stage.outputs.values()}:
            job = _repaired(job, stage)
    return job


def _repaired(job: Job, lost: Stage) -> Job:
    if not any(_takes_from(stage, lost) for stage in job.stages):
        return job
    name = lost.name.partition("#")[0]
    makers = [stage for stage in job.stages if stage.name.partition("#")[0] == name]
    copy = Stage(
        id=f"{makers[0].id}.{len(makers) + 1}",
        job_id=lost.job_id,
        workspace_id=lost.workspace_id,
        ordinal=lost.ordinal,
        name=f"{name}#{len(makers) + 1}",
        service=lost.service,
        engine=lost.engine,
        engine_version=lost.engine_version,
        parameters=lost.parameters,
        inputs=lost.inputs,
        timeout_seconds=lost.timeout_seconds,
        weight=lost.weight,
        priority=lost.priority,
        turn_at=lost.turn_at,
        quantity=lost.quantity,
    )
    stages: list[Stage] = []
    for stage in job.stages:
        if _takes_from(stage, lost):
            inputs = _redirected(stage.inputs, lost.name, copy.name)
            key = stage.action_key if stage.state.in_flight else None
            stage = replace(stage, inputs=inputs, action_key=key)
        stages.append(stage)
        if stage is lost:
            stages.append(copy)
    return replace(job, stages=tuple(stages))


def _takes_from(stage: Stage, lost: Stage) -> bool:
    return not stage.state.terminal and any(
        isinstance(source, StageOutput) and source.stage == lost.name for source in stage.inputs.values()
    )


def _redirected(inputs: Mapping[str, InputSource], old: str, new: str) -> dict[str, InputSource]:
    return {
        name: replace(source, stage=new)
        if isinstance(source, StageOutput) and source.stage == old
        else source
        for name, source in inputs.items()
    }
