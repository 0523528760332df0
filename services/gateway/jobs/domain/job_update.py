"""Computes the next state of one job from a list of stage events. Pure; the caller does the I/O."""

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
from services.gateway.jobs.domain.fast_replace import fast_replace
from services.gateway.jobs.domain.job_status import Finish, advance, inputs_from, length_of_last_stage
from services.gateway.jobs.domain.lost_artifact import is_repairable, with_repairs
from services.gateway.jobs.domain.models import Execution, Job, JobRecord, JobStatus, Stage, StageState
from services.gateway.jobs.domain.retry import RetryPolicy
from services.gateway.jobs.domain.transition import transition

ExecutionKey = tuple[str, int, str]


class JobUpdate:
    """A unit of work on one job: holds it as it was read and as it will be written.

    `finish` returns the result of the job once all of its stages have completed.
    """

    def __init__(
        self,
        before: Job,
        now: datetime,
        jitter: float,
        policy: RetryPolicy,
        finish: Finish = length_of_last_stage,
    ) -> None:
        self.before = before
        self.record = before.record
        self.executions: dict[ExecutionKey, Execution] = {}
        self.abandoned: list[Abandoned] = []
        self.requested: list[Stage] = []
        self.missing: set[str] = set()
        """Keys of artifacts that are gone from the store."""
        self.orphaned_artifacts: set[str] = set()
        """Keys of artifacts of completions that came too late to be used."""
        self.cancelled = False
        """Tells whether all workers of the job must be stopped."""
        self._now = now
        self._jitter = jitter
        self._policy = policy
        self._finish = finish
        self.earlier: Mapping[str, Stage] = {stage.id: stage for stage in before.stages}
        """The stages as they were read, by id."""
        self._stages = dict(self.earlier)
        self.changed: dict[str, Stage] = {}
        """Stages that were changed or added, by id."""
        self._settled = False
        self.outputs = _outputs_by_name(before.stages)
        """Outputs of the completed stages, by stage name."""
        self._ready: list[Stage] | None = None

    @property
    def stages(self) -> Collection[Stage]:
        """The stages in their order."""
        return self._stages.values()

    @property
    def job(self) -> Job:
        return Job(self.record, tuple(self._stages.values()))

    def apply(self, event: StageEvent) -> None:
        """Applies one event. Events for stages that do not belong to this job are ignored."""
        if event.stage_id not in self._stages:
            return
        event = self._with_repair(self._stages[event.stage_id], event)
        before = self._stages[event.stage_id]
        after = transition(before, event, now=self._now, jitter=self._jitter, policy=self._policy)
        for execution in executions_after(before, after, event, self._now):
            self._note(execution)
        self.abandoned += abandoned_after(before, after, event)
        if after is not before:
            self.put(after)
        elif isinstance(event, Completed):
            self.orphaned_artifacts |= {each.key for each in event.outputs.values()} - self.artifact_keys()
        if isinstance(event, Started | Progressed) and self.before.record.status in STOPPED:
            self.cancelled = True

    def put(self, after: Stage) -> None:
        """Replaces the stage of the same id."""
        self._stages[after.id] = after
        self.changed[after.id] = after
        self._ready = None
        self._settled = False
        if after.state is StageState.COMPLETED:
            self.outputs[after.name] = after.outputs

    def reuse_results(self, known: Mapping[str, KnownResult]) -> None:
        """Prepares every stage whose inputs are there, and completes those whose action key is `known`.

        Repeats until nothing follows any more: a reused result can be the input of a stage whose result is
        known too.
        """
        if self._settled and not known:
            return
        while events := self._consequences(known):
            for event in events:
                self.apply(event)
        self._settled = True

    def update_status(self) -> None:
        """Recomputes the job's status and progress. A job that fails cancels its other stages."""
        record = advance(self.job, self._now, self._finish)
        if record.status is JobStatus.FAILED and self.record.status is not JobStatus.FAILED:
            self.end(record)
        else:
            self.record = record

    def cancel(self) -> None:
        if not self.record.status.terminal:
            self.end(fast_replace(self.record, status=JobStatus.CANCELLED, completed_at=self._now))

    def end(self, record: JobRecord) -> None:
        """Cancels every stage that has not ended, and replaces the record."""
        self.cancelled = True
        for stage_id in tuple(self._stages):
            self.apply(CancelRequested(stage_id))
        self.record = record

    def admit(self, stage: Stage) -> None:
        """Puts the ready stage on the bus."""
        self.apply(Admitted(stage.id))
        self.requested.append(self._stages[stage.id])

    def ready(self) -> Sequence[Stage]:
        """Returns the stages that have their inputs and wait to be admitted."""
        if self._ready is None:
            self._ready = [
                stage
                for stage in self._stages.values()
                if stage.state is StageState.READY and inputs_from(stage, self.outputs) is not None
            ]
        return self._ready

    def was_ready(self, stage: Stage) -> bool:
        """Tells whether the stage was ready already when the job was read."""
        before = self.earlier.get(stage.id)
        return before is not None and before.state is StageState.READY

    def artifact_keys(self) -> set[str]:
        """Returns the keys of everything that the job's stages have made."""
        return {each.key for outputs in self.outputs.values() for each in outputs.values()}

    def _consequences(self, known: Mapping[str, KnownResult]) -> list[StageEvent]:
        # Nothing new begins for a job that has ended, or that is about to fail.
        stages = self._stages.values()
        if self.record.status.terminal or any(stage.state is StageState.FAILED for stage in stages):
            return []
        return [
            event
            for stage in stages
            if stage.state in UNDECIDED and (event := self._consequence(stage, known))
        ]

    def _consequence(self, stage: Stage, known: Mapping[str, KnownResult]) -> StageEvent | None:
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
        """Turns a failure for want of an input that a stage can make again into `InputLost`, and adds the
        copy of that stage."""
        if not isinstance(event, Failed) or event.failure.reason != Reason.ARTIFACT_MISSING:
            return event
        if not is_repairable(stage, event.missing):
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


STOPPED = (JobStatus.CANCELLED, JobStatus.FAILED)
UNDECIDED = (StageState.WAITING, StageState.READY, StageState.RETRYING)


def _outputs_by_name(stages: Iterable[Stage]) -> dict[str, Mapping[str, Artifact]]:
    return {stage.name: stage.outputs for stage in stages if stage.state is StageState.COMPLETED}
