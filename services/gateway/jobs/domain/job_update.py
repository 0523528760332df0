"""What follows for a job from what has happened. Pure: the ledger reads, calls this, and writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from services.chassis.errors import Reason
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.action_key import action_key
from services.gateway.jobs.domain.events import (
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
from services.gateway.jobs.domain.executions import Abandoned, abandoned_after, executions_after
from services.gateway.jobs.domain.fast_replace import evolve
from services.gateway.jobs.domain.job_status import advance, inputs_from
from services.gateway.jobs.domain.lost_artifact import awaits_repair, with_repairs
from services.gateway.jobs.domain.models import Execution, Job, Stage, StageState, Video, VideoStatus
from services.gateway.jobs.domain.retry import RetryPolicy
from services.gateway.jobs.domain.transition import transition

ExecutionKey = tuple[str, int, str]


class Decision:
    """One job on its way from how it was found to how it will be written."""

    def __init__(self, before: Job, now: datetime, dice: float, policy: RetryPolicy) -> None:
        self.before = before
        self.video = before.video
        self.executions: dict[ExecutionKey, Execution] = {}
        self.abandoned: list[Abandoned] = []
        self.requested: list[Stage] = []
        self.missing: set[str] = set()
        """Keys of artifacts that are gone from the store."""
        self.unwanted: set[str] = set()
        """Keys of artifacts that came too late for anyone to take them."""
        self.cancelled = False
        """Whoever works for the video is to stop."""
        self._now = now
        self._dice = dice
        self._policy = policy
        self.earlier: Mapping[str, Stage] = {stage.id: stage for stage in before.stages}
        """The stages as they were found, by id."""
        self._stages = dict(self.earlier)
        self.changed: dict[str, Stage] = {}
        """Stages that are not as they were found, or that the job did not have, by id."""
        self._settled = False
        self.outputs = _outputs_by_name(before.stages)
        """Of the completed stages, by their names."""
        self._ready: list[Stage] | None = None

    @property
    def stages(self) -> Collection[Stage]:
        """In their order."""
        return self._stages.values()

    @property
    def job(self) -> Job:
        return Job(self.video, tuple(self._stages.values()))

    def take(self, event: StageEvent) -> None:
        """Apply one event; one about a stage that the job has not counts for nothing."""
        if event.stage_id not in self._stages:
            return
        event = self._with_repair(self._stages[event.stage_id], event)
        before = self._stages[event.stage_id]
        after = transition(before, event, now=self._now, dice=self._dice, policy=self._policy)
        for execution in executions_after(before, after, event, self._now):
            self._note(execution)
        self.abandoned += abandoned_after(before, after, event)
        if after is not before:
            self.put(after)
        elif isinstance(event, Completed):
            self.unwanted |= {each.key for each in event.outputs.values()} - self.artifact_keys()
        if isinstance(event, Started | Progressed) and self.before.video.status in STOPPED:
            self.cancelled = True

    def put(self, after: Stage) -> None:
        """The stage as it is from now on."""
        self._stages[after.id] = after
        self.changed[after.id] = after
        self._ready = None
        self._settled = False
        if after.state is StageState.COMPLETED:
            self.outputs[after.name] = after.outputs

    def settle(self, known: Mapping[str, KnownResult]) -> None:
        """Draw every conclusion that needs nothing from outside but these results, by action key."""
        if self._settled and not known:
            return
        while events := self._conclusions(known):
            for event in events:
                self.take(event)
        self._settled = True

    def conclude(self) -> None:
        """Bring the video up to date with its stages; one that has failed takes its other stages along."""
        video = advance(self.job, self._now)
        if video.status is VideoStatus.FAILED and self.video.status is not VideoStatus.FAILED:
            self.end(video)
        else:
            self.video = video

    def cancel(self) -> None:
        if not self.video.status.terminal:
            self.end(evolve(self.video, status=VideoStatus.CANCELLED, completed_at=self._now))

    def end(self, video: Video) -> None:
        self.cancelled = True
        for stage_id in tuple(self._stages):
            self.take(CancelRequested(stage_id))
        self.video = video

    def admit(self, stage: Stage) -> None:
        self.take(Admitted(stage.id))
        self.requested.append(self._stages[stage.id])

    def ready(self) -> Sequence[Stage]:
        """Stages that wait for their turn, with their inputs there."""
        if self._ready is None:
            self._ready = [
                stage
                for stage in self._stages.values()
                if stage.state is StageState.READY and inputs_from(stage, self.outputs) is not None
            ]
        return self._ready

    def waited(self, stage: Stage) -> bool:
        """Whether it was ready already when it was found."""
        before = self.earlier.get(stage.id)
        return before is not None and before.state is StageState.READY

    def _conclusions(self, known: Mapping[str, KnownResult]) -> list[StageEvent]:
        """Nothing new begins for a video that has ended or will."""
        stages = self._stages.values()
        if self.video.status.terminal or any(stage.state is StageState.FAILED for stage in stages):
            return []
        return [
            event
            for stage in stages
            if stage.state in UNDECIDED and (event := self._conclusion(stage, known))
        ]

    def _conclusion(self, stage: Stage, known: Mapping[str, KnownResult]) -> StageEvent | None:
        if stage.state is StageState.RETRYING:
            due = stage.not_before is not None and stage.not_before <= self._now
            return RetryDue(stage.id) if due else None
        if stage.state is StageState.READY and stage.action_key is not None:
            return self._reuse(stage, known)
        inputs = inputs_from(stage, self.outputs)
        return None if inputs is None else Prepared(stage.id, action_key(stage, inputs))

    def _reuse(self, stage: Stage, known: Mapping[str, KnownResult]) -> Reused | None:
        result = None if stage.no_cache else known.get(stage.action_key or "")
        if result is None or inputs_from(stage, self.outputs) is None:
            return None
        return Reused(stage.id, result)

    def _with_repair(self, stage: Stage, event: StageEvent) -> StageEvent:
        if not isinstance(event, Failed) or event.failure.reason != Reason.ARTIFACT_MISSING:
            return event
        if not awaits_repair(stage, event.missing):
            return event
        self.missing.add(event.missing)
        repaired = with_repairs(self.job, event.missing)
        self._stages = {stage.id: stage for stage in repaired.stages}
        self.changed = {
            stage.id: stage for stage in repaired.stages if stage is not self.earlier.get(stage.id)
        }
        self._ready = None
        self._settled = False
        return InputLost(event.stage_id, event.attempt, event.worker_id, event.failure)

    def _note(self, execution: Execution) -> None:
        key = (execution.stage_id, execution.attempt, execution.worker_id)
        self.executions[key] = execution

    def artifact_keys(self) -> set[str]:
        """Of all that its stages have made."""
        return {each.key for outputs in self.outputs.values() for each in outputs.values()}


STOPPED = (VideoStatus.CANCELLED, VideoStatus.FAILED)
UNDECIDED = (StageState.WAITING, StageState.READY, StageState.RETRYING)


def _outputs_by_name(stages: Iterable[Stage]) -> dict[str, Mapping[str, Artifact]]:
    return {stage.name: stage.outputs for stage in stages if stage.state is StageState.COMPLETED}


def decide(
    job: Job, events: Iterable[StageEvent], *, now: datetime, dice: float, policy: RetryPolicy
) -> Decision:
    decision = Decision(job, now, dice, policy)
    for event in events:
        decision.take(event)
    return decision
