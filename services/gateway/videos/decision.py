"""What follows for a job from what has happened. Pure: the ledger reads, calls this, and writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.chassis.errors import Reason
from services.gateway.videos.action_key import action_key
from services.gateway.videos.advance import advance, ready_inputs
from services.gateway.videos.executions import Abandoned, abandoned_after, executions_after
from services.gateway.videos.records import Execution, Job, Stage, StageState, Video, VideoStatus
from services.gateway.videos.repair import awaits_repair, with_repairs
from services.gateway.videos.retry import RetryPolicy
from services.gateway.videos.stage_events import (
    Admitted,
    CancelRequested,
    Completed,
    Failed,
    InputLost,
    KnownResult,
    Prepared,
    Progressed,
    RetryDue,
    Reused,
    StageEvent,
    Started,
)
from services.gateway.videos.transition import transition

ExecutionKey = tuple[str, int, str]


@dataclass(slots=True)
class Decision:
    """One job on its way from how it was found to how it will be written."""

    before: Job
    now: datetime
    dice: float
    policy: RetryPolicy
    job: Job = field(init=False)
    executions: dict[ExecutionKey, Execution] = field(default_factory=dict[ExecutionKey, Execution])
    abandoned: list[Abandoned] = field(default_factory=list[Abandoned])
    requested: list[Stage] = field(default_factory=list[Stage])
    missing: set[str] = field(default_factory=set[str])
    """Keys of artifacts that are gone from the store."""
    unwanted: set[str] = field(default_factory=set[str])
    """Keys of artifacts that came too late for anyone to take them."""
    cancelled: bool = False
    """Whoever works for the video is to stop."""

    def __post_init__(self) -> None:
        self.job = self.before

    def take(self, event: StageEvent) -> None:
        """Apply one event; one about a stage that the job has not counts for nothing."""
        before = next((stage for stage in self.job.stages if stage.id == event.stage_id), None)
        if before is None:
            return
        event = self._with_repair(before, event)
        before = next(stage for stage in self.job.stages if stage.id == event.stage_id)
        after = transition(before, event, now=self.now, dice=self.dice, policy=self.policy)
        for execution in executions_after(before, after, event, self.now):
            self._note(execution)
        self.abandoned += abandoned_after(before, after, event)
        if after is not before:
            self.put(after)
        elif isinstance(event, Completed):
            self.unwanted |= {each.key for each in event.outputs.values()} - _keys(self.job)
        if isinstance(event, Started | Progressed) and self.before.video.status in STOPPED:
            self.cancelled = True

    def settle(self, known: Mapping[str, KnownResult]) -> None:
        """Draw every conclusion that needs nothing from outside but these results, by action key."""
        while events := self._conclusions(known):
            for event in events:
                self.take(event)

    def conclude(self) -> None:
        """Bring the video up to date with its stages; one that has failed takes its other stages along."""
        video = advance(self.job, self.now)
        if video.status is VideoStatus.FAILED and self.job.video.status is not VideoStatus.FAILED:
            self.end(video)
        elif video != self.job.video:
            self.job = replace(self.job, video=video)

    def cancel(self) -> None:
        if not self.job.video.status.terminal:
            video = replace(self.job.video, status=VideoStatus.CANCELLED, completed_at=self.now)
            self.end(video)

    def end(self, video: Video) -> None:
        self.cancelled = True
        for stage in self.job.stages:
            self.take(CancelRequested(stage.id))
        self.job = replace(self.job, video=video)

    def admit(self, stage: Stage) -> None:
        self.take(Admitted(stage.id))
        self.requested.append(next(each for each in self.job.stages if each.id == stage.id))

    def ready(self) -> list[Stage]:
        """Stages that wait for their turn, with their inputs there."""
        return [
            stage
            for stage in self.job.stages
            if stage.state is StageState.READY and ready_inputs(stage, self.job.stages) is not None
        ]

    def _conclusions(self, known: Mapping[str, KnownResult]) -> list[StageEvent]:
        """Nothing new begins for a video that has ended or will."""
        stages = self.job.stages
        if self.job.video.status.terminal or any(stage.state is StageState.FAILED for stage in stages):
            return []
        return [event for stage in stages if (event := self._conclusion(stage, known))]

    def _conclusion(self, stage: Stage, known: Mapping[str, KnownResult]) -> StageEvent | None:
        match stage.state:
            case StageState.RETRYING if stage.not_before is not None and stage.not_before <= self.now:
                return RetryDue(stage.id)
            case StageState.WAITING | StageState.READY:
                inputs = ready_inputs(stage, self.job.stages)
                if inputs is None:
                    return None
                key = action_key(stage, inputs)
                if stage.state is StageState.WAITING or key != stage.action_key:
                    return Prepared(stage.id, key)
                return Reused(stage.id, known[key]) if key in known and not stage.no_cache else None
            case _:
                return None

    def _with_repair(self, stage: Stage, event: StageEvent) -> StageEvent:
        if not isinstance(event, Failed) or event.failure.reason != Reason.ARTIFACT_MISSING:
            return event
        if not awaits_repair(stage, event.missing):
            return event
        self.missing.add(event.missing)
        self.job = with_repairs(self.job, event.missing)
        return InputLost(event.stage_id, event.attempt, event.worker_id, event.failure)

    def put(self, after: Stage) -> None:
        """The stage as it is from now on."""
        stages = tuple(after if stage.id == after.id else stage for stage in self.job.stages)
        self.job = replace(self.job, stages=stages)

    def _note(self, execution: Execution) -> None:
        key = (execution.stage_id, execution.attempt, execution.worker_id)
        self.executions[key] = execution


STOPPED = (VideoStatus.CANCELLED, VideoStatus.FAILED)


def _keys(job: Job) -> set[str]:
    return {each.key for stage in job.stages for each in stage.outputs.values()}


def decide(
    job: Job, events: Iterable[StageEvent], *, now: datetime, dice: float, policy: RetryPolicy
) -> Decision:
    decision = Decision(job, now, dice, policy)
    for event in events:
        decision.take(event)
    return decision
