"""What the state of its stages means for a video. Pure."""

from collections.abc import Mapping
from datetime import datetime

from services.chassis.storage import Artifact
from services.gateway.jobs.domain.fast_replace import evolve
from services.gateway.jobs.domain.models import (
    Failure,
    Job,
    Stage,
    StageOutput,
    StageState,
    Video,
    VideoStatus,
)

WEIGHTS: Mapping[str, float] = {"tts": 1.0, "voice": 2.0, "video": 10.0, "mux": 2.0}
"""How much of a video's progress a stage of each service is worth."""


def advance(job: Job, now: datetime) -> Video:
    """The video as its stages make it: the same object if that changes nothing.

    A terminal video never changes; progress never falls.
    """
    video = job.video
    if video.status.terminal:
        return video
    failure = stages_failure(job.stages)
    if failure is not None:
        return evolve(video, status=VideoStatus.FAILED, failure=failure, completed_at=now)
    if all(stage.state is StageState.COMPLETED for stage in job.stages):
        seconds = job.stages[-1].media_seconds
        return evolve(video, status=VideoStatus.COMPLETED, progress=100, seconds=seconds, completed_at=now)
    begun = any(stage.started_at or stage.state is StageState.COMPLETED for stage in job.stages)
    status = VideoStatus.IN_PROGRESS if begun else video.status
    progress = max(video.progress, video_progress(job.stages))
    if status is video.status and progress == video.progress:
        return video
    return evolve(video, status=status, progress=progress)


def stages_failure(stages: tuple[Stage, ...]) -> Failure | None:
    """Why the video cannot be made any more."""
    for stage in stages:
        if stage.state is StageState.FAILED:
            return video_failure(stage)
    return missing_output(stages)


def video_failure(stage: Stage) -> Failure:
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


def video_progress(stages: tuple[Stage, ...]) -> int:
    """Percent, at most 99: only completion is 100."""
    total = done = 0.0
    for stage in stages:
        weight = WEIGHTS.get(stage.service, 1.0)
        total += weight
        done += weight * stage.progress
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
