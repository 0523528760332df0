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
"""Returns the result of a job whose stages have all completed: what its kind tells of it, as JSON."""


def length_of_last_stage(job: Job) -> dict[str, Any]:
    """Returns the result of kinds with nothing else to tell: the seconds of media of the last stage."""
    return {"seconds": job.stages[-1].media_seconds}


def advance(job: Job, now: datetime, finish: Finish) -> JobRecord:
    """Returns the job's record as its stages make it: the same object if that changes nothing.

    A terminal job never changes; progress never falls.
    """
    record = job.record
    if record.status.terminal:
        return record
    failure = stages_failure(job.stages)
    if failure is not None:
        return fast_replace(record, status=JobStatus.FAILED, failure=failure, completed_at=now)
    if all(stage.state is StageState.COMPLETED for stage in job.stages):
        result = finish(job)
        return fast_replace(record, status=JobStatus.COMPLETED, progress=100, result=result, completed_at=now)
    begun = any(stage.started_at or stage.state is StageState.COMPLETED for stage in job.stages)
    status = JobStatus.IN_PROGRESS if begun else record.status
    progress = max(record.progress, job_progress(job.stages))
    if status is record.status and progress == record.progress:
        return record
    return fast_replace(record, status=status, progress=progress)


def stages_failure(stages: tuple[Stage, ...]) -> Failure | None:
    """Why the job cannot be made any more."""
    for stage in stages:
        if stage.state is StageState.FAILED:
            return job_failure(stage)
    return missing_output(stages)


def job_failure(stage: Stage) -> Failure:
    failure = stage.failure or Failure("internal", "The stage failed without saying why.")
    return Failure(failure.reason, f"Stage {stage.name} ({stage.engine}): {failure.message}")


def missing_output(stages: tuple[Stage, ...]) -> Failure | None:
    """A stage has completed without what another one needs of it: that one would wait for ever."""
    for stage in stages:
        if stage.state is StageState.WAITING:
            for source in stage.inputs.values():
                if isinstance(source, StageOutput) and (maker := _that_lacks(source, stages)):
                    message = f"Stage {maker.name} ({maker.engine}) has made no {source.output}."
                    return Failure("internal", message)
    return None


def _that_lacks(source: StageOutput, stages: tuple[Stage, ...]) -> Stage | None:
    """The stage that was to make the output, if it has completed without it."""
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
    """The artifacts that a stage needs, from the outputs of the completed stages by their names; `None` while
    one of them is still to be made."""
    ready: dict[str, Artifact] = {}
    for name, source in stage.inputs.items():
        if isinstance(source, Artifact):
            ready[name] = source
        elif source.output in outputs.get(source.stage, {}):
            ready[name] = outputs[source.stage][source.output]
        else:
            return None
    return ready
