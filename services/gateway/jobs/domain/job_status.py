"""Computes a job's status, progress and failure from its stages. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.chassis.storage import Artifact
from services.gateway.jobs.domain.fast_replace import fast_replace
from services.gateway.jobs.domain.models import (
    Failure,
    Job,
    JobRecord,
    JobStatus,
    Stage,
    StageOutput,
    StageState,
)

Finish = Callable[[Job], Mapping[str, Any]]
"""Returns the result of a job whose stages have all completed, in the JSON form of its kind."""


def length_of_last_stage(job: Job) -> dict[str, Any]:
    """Returns the result of kinds that have no fields of their own: the last stage's seconds of media."""
    return {"seconds": job.stages[-1].media_seconds}


def advance(job: Job, now: datetime, finish: Finish) -> JobRecord:
    """Returns the job's record updated from its stages: the same object if that changes nothing.

    A terminal job never changes; progress never falls.
    """
    record = job.record
    if record.status.terminal:
        return record
    failure = stages_failure(job.stages)
    if failure is not None:
        return fast_replace(record, status=JobStatus.FAILED, failure=failure, completed_at=now)
    if all(stage.state is StageState.COMPLETED for stage in job.stages):
        return _completed(job, now, finish)
    begun = any(stage.started_at or stage.state is StageState.COMPLETED for stage in job.stages)
    status = JobStatus.IN_PROGRESS if begun else record.status
    progress = max(record.progress, job_progress(job.stages))
    if status is record.status and progress == record.progress:
        return record
    return fast_replace(record, status=status, progress=progress)


def _completed(job: Job, now: datetime, finish: Finish) -> JobRecord:
    try:
        result = finish(job)
    except Exception as exc:  # noqa: BLE001 - code of a kind: its fault must not stop the writer of all jobs
        failure = Failure("internal", f"The kind {job.record.kind!r} cannot tell its result: {exc!r}")
        return fast_replace(job.record, status=JobStatus.FAILED, failure=failure, completed_at=now)
    return fast_replace(job.record, status=JobStatus.COMPLETED, progress=100, result=result, completed_at=now)


def stages_failure(stages: tuple[Stage, ...]) -> Failure | None:
    """Returns why the job cannot be completed any more, or `None`."""
    for stage in stages:
        if stage.state is StageState.FAILED:
            return job_failure(stage)
    return missing_output(stages)


def job_failure(stage: Stage) -> Failure:
    failure = stage.failure or Failure("internal", "The stage failed without saying why.")
    return Failure(failure.reason, f"Stage {stage.name} ({stage.engine}): {failure.message}")


def missing_output(stages: tuple[Stage, ...]) -> Failure | None:
    """Returns a failure if a stage has completed without an output that another one needs.

    The other stage would wait for ever.
    """
    for stage in stages:
        if stage.state is StageState.WAITING:
            for source in stage.inputs.values():
                if isinstance(source, StageOutput) and (maker := _maker_without(source, stages)):
                    message = f"Stage {maker.name} ({maker.engine}) has made no {source.output}."
                    return Failure("internal", message)
    return None


def _maker_without(source: StageOutput, stages: tuple[Stage, ...]) -> Stage | None:
    """Returns the stage that should have made the output, if it has completed without it."""
    for stage in stages:
        if stage.name == source.stage and stage.state is StageState.COMPLETED:
            return None if source.output in stage.outputs else stage
    return None


def job_progress(stages: tuple[Stage, ...]) -> int:
    """Returns percent, at most 99: only completion is 100."""
    total = done = 0.0
    for stage in stages:
        total += stage.weight
        done += stage.weight * stage.progress
    return min(99, int(100 * done / total))


def inputs_from(stage: Stage, outputs: Mapping[str, Mapping[str, Artifact]]) -> dict[str, Artifact] | None:
    """Returns the stage's input artifacts, from the outputs of the completed stages by stage name.

    Returns `None` while one of them is still to be made.
    """
    ready: dict[str, Artifact] = {}
    for name, source in stage.inputs.items():
        if isinstance(source, Artifact):
            ready[name] = source
        elif source.output in outputs.get(source.stage, {}):
            ready[name] = outputs[source.stage][source.output]
        else:
            return None
    return ready
