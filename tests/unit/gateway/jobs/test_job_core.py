"""The job core under random orders of events, as a hypothesis state machine.

`EXAMPLES=10000 make model` runs it at length.
"""

import os
from collections import Counter
from collections.abc import Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import (
    Completed,
    Failed,
    HandedBack,
    KnownResult,
    LeaseExpired,
    Overran,
    Progressed,
    StageEvent,
    Started,
)
from services.gateway.jobs.domain.executions import Abandoned
from services.gateway.jobs.domain.job_update import JobUpdate
from services.gateway.jobs.domain.models import CacheUse, Execution, Failure, Job, Outcome, Stage, StageState
from services.gateway.jobs.scheduling.admission import EngineKey, EngineLoad, engine_of
from services.gateway.jobs.scheduling.cross_job import CrossJobUpdates, Lookup, key_of
from services.gateway.jobs.scheduling.round_robin import ReadyStage, WeightedRoundRobin
from services.gateway.jobs.views.queue_snapshot import KnownKey
from tests.unit.gateway.jobs.job_examples import NOW, POLICY, build_artifact, build_job

T = TypeVar("T")
S = StageState
SLOTS = 2
OUTPUT = {"tts": "speech", "video": "video", "mux": "video"}
REASONS = (Reason.ENGINE_CRASHED, Reason.OUT_OF_MEMORY, Reason.FACE_NOT_FOUND, Reason.ARTIFACT_MISSING)
ROUNDS = 400
"""Rounds until all jobs must have ended: more than all retries of all stages one after the other."""


@dataclass(frozen=True)
class Command:
    """A `StageRequested` message on the bus."""

    job_id: str
    stage_id: str
    attempt: int
    action_key: str
    inputs: tuple[str, ...]


class World:
    """A gateway with the real updates on tables in memory, with simulated bus and workers."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.jobs: dict[str, Job] = {}
        self.executions: dict[tuple[str, int, str], Execution] = {}
        self.commands: list[Command] = []
        self.statuses: list[tuple[str, StageEvent]] = []
        self.running: dict[str, Command] = {}
        """Commands by the worker that runs them."""
        self.forgotten: set[str] = set()
        self.workers = 0

    async def look_up(self, keys: Sequence[KnownKey]) -> Lookup:
        asked = [stage for stage in self.stages() if key_of(stage) in keys]
        known = {
            key_of(stage): KnownResult(stage.outputs, stage.media_seconds, 1.0)
            for stage in asked
            if stage.state is S.COMPLETED and stage.id not in self.forgotten
        }
        in_flight: dict[KnownKey, set[str]] = {}
        for stage in asked:
            if stage.state.in_flight:
                in_flight.setdefault(key_of(stage), set()).add(stage.id)
        return Lookup(known, in_flight)

    async def engine_loads(
        self, engines: Iterable[EngineKey], exclude: Collection[str]
    ) -> Mapping[EngineKey, EngineLoad]:
        return {engine: self.load(engine, exclude) for engine in engines}

    def trusts(self, known: KnownResult) -> bool:
        return True

    def load(self, engine: EngineKey, exclude: Collection[str] = ()) -> EngineLoad:
        mine = [stage for stage in self.stages() if engine_of(stage) == engine]
        held = Counter(stage.workspace_id for stage in mine if stage.state.in_flight)
        return EngineLoad(
            SLOTS, held, backlog=any(stage.state is S.READY and stage.id not in exclude for stage in mine)
        )

    def holders_of(self, stage: Stage) -> set[str]:
        return {each.id for each in self.stages() if each.state.in_flight and key_of(each) == key_of(stage)}

    def stages(self) -> list[Stage]:
        return [stage for job in self.jobs.values() for stage in job.stages]

    def submit(self, job: Job) -> None:
        self.transact([self.updated(job, ())])

    def apply(self, events: Sequence[tuple[str, StageEvent]]) -> None:
        by_job: dict[str, list[StageEvent]] = {}
        for job_id, event in events:
            by_job.setdefault(job_id, []).append(event)
        self.transact([self.updated(self.jobs[job_id], each) for job_id, each in by_job.items()])

    def cancel(self, job_id: str) -> None:
        update = self.updated(self.jobs[job_id], ())
        update.cancel()
        self.write([update])

    def reconcile(self) -> None:
        expired: list[tuple[str, StageEvent]] = [
            (stage.job_id, event)
            for stage in self.stages()
            for event in (LeaseExpired(stage.id, stage.attempt), Overran(stage.id, stage.attempt))
            if stage.state.in_flight
        ]
        self.apply([*expired, *((job_id, LeaseExpired("", 0)) for job_id in self.jobs)])

    def schedule(self) -> None:
        for engine in {engine_of(stage) for stage in self.stages() if stage.state is S.READY}:
            waiting = sorted(
                (stage for stage in self.stages() if stage.state is S.READY and engine_of(stage) == engine),
                key=lambda stage: (stage.job_id, stage.ordinal),
            )
            heads = [ReadyStage(s.id, s.job_id, s.workspace_id, s.priority) for s in waiting]
            turns = WeightedRoundRobin().next(heads, self.load(engine), {})
            chosen = frozenset(turn.stage_id for turn in turns)
            job_ids = sorted({turn.job_id for turn in turns})
            if job_ids:
                self.transact([self.updated(self.jobs[job_id], ()) for job_id in job_ids], chosen)

    def updated(self, job: Job, events: Iterable[StageEvent]) -> JobUpdate:
        update = JobUpdate(job, self.now, 0.5, POLICY)
        for event in events:
            update.apply(event)
        return update

    def transact(self, updates: Sequence[JobUpdate], chosen: frozenset[str] = frozenset()) -> None:
        for update in updates:
            lost = update.missing
            self.forgotten |= {
                stage.id
                for stage in self.stages()
                if lost & {artifact.key for artifact in stage.outputs.values()}
            }
        run_without_waiting(CrossJobUpdates(self, updates, self, chosen).resolve())
        self.write(updates)

    def write(self, updates: Sequence[JobUpdate]) -> None:
        billed = {key_of(stage) for stage in self.stages() if stage.billable}
        for update in updates:
            for stage in update.job.stages:
                old = {each.id: each for each in update.before.stages}.get(stage.id)
                if stage.billable and not (old and old.billable):
                    if key_of(stage) in billed:
                        update.put(replace(stage, billable=False))
                    billed.add(key_of(stage))
            for key, execution in update.executions.items():
                known = self.executions.get(key, execution)
                self.executions[key] = replace(execution, started_at=known.started_at)
            self.jobs[update.job.record.id] = update.job
            self.commands += [command_of(stage, update.job) for stage in update.requested]
            if update.cancelled:
                self.stop(update.job.record.id)
            for abandoned in update.abandoned:
                self.abandon(abandoned)

        for stage in (stage for update in updates for stage in update.requested):
            assert self.holders_of(stage) == {stage.id}, "requested while it is being made"

    def stop(self, job_id: str) -> None:
        self.running = {worker: each for worker, each in self.running.items() if each.job_id != job_id}

    def abandon(self, abandoned: Abandoned) -> None:
        command = self.running.get(abandoned.worker_id)
        if command and command.stage_id == abandoned.stage_id and command.attempt <= abandoned.attempt:
            del self.running[abandoned.worker_id]

    def start(self, command: Command) -> str:
        self.workers += 1
        worker = f"w{self.workers}"
        self.running[worker] = command
        self.report(command, Started(command.stage_id, command.attempt, worker))
        return worker

    def report(self, command: Command, event: StageEvent) -> None:
        self.statuses.append((command.job_id, event))

    def progress(self, worker: str, progress: float) -> None:
        command = self.running[worker]
        self.report(command, Progressed(command.stage_id, command.attempt, worker, progress))

    def finish(self, worker: str) -> None:
        command = self.running.pop(worker)
        service = command.stage_id.split("/")[1].split(".")[0]
        outputs = {OUTPUT[service]: build_artifact(f"of-{command.action_key[:8]}")}
        self.report(command, Completed(command.stage_id, command.attempt, worker, outputs, 1.0))

    def fail(self, worker: str, reason: Reason) -> None:
        command = self.running.pop(worker)
        missing = command.inputs[0] if reason is Reason.ARTIFACT_MISSING and command.inputs else ""
        failure = Failure(reason, "It failed.")
        self.report(command, Failed(command.stage_id, command.attempt, worker, failure, missing))


def command_of(stage: Stage, job: Job) -> Command:
    taken = [artifact.key for each in job.stages for artifact in each.outputs.values()]
    return Command(stage.job_id, stage.id, stage.attempt, stage.action_key or "", tuple(taken))


def run_without_waiting(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never waits, as tables in memory do not, and returns its result."""
    try:
        work.send(None)
    except StopIteration as result:
        return result.value
    raise AssertionError("The coroutine waits.")


def job_named(job_id: str, workspace: str, text: str) -> Job:
    job = build_job()
    stages = tuple(
        replace(
            stage,
            id=f"{job_id}/{stage.service}",
            job_id=job_id,
            workspace_id=workspace,
            ordinal=ordinal,
            parameters={"text": text},
        )
        for ordinal, stage in enumerate(job.stages)
    )
    return Job(replace(job.record, id=job_id, workspace_id=workspace), stages)


class JobCore(RuleBasedStateMachine):
    """Random events on up to five jobs of two workspaces, with the invariants of the job core."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.ended: dict[str, Stage] = {}
        self.seen: dict[str, tuple[int, dict[str, float]]] = {}

    @initialize(text=st.sampled_from("ab"))
    def first(self, text: str) -> None:
        self.world.submit(job_named("video_0", "one", text))

    @rule(workspace=st.sampled_from(("one", "two")), text=st.sampled_from("abc"))
    def submit(self, workspace: str, text: str) -> None:
        if len(self.world.jobs) < 5:
            self.world.submit(job_named(f"video_{len(self.world.jobs)}", workspace, text))

    @rule(data=st.data(), keep=st.booleans())
    def a_worker_takes_a_command(self, data: st.DataObject, keep: bool) -> None:
        """With `keep`, the command is delivered once more."""
        if self.world.commands:
            index = data.draw(st.integers(0, len(self.world.commands) - 1))
            command = self.world.commands[index] if keep else self.world.commands.pop(index)
            self.world.start(command)

    @rule(data=st.data())
    def a_command_is_lost(self, data: st.DataObject) -> None:
        if self.world.commands:
            self.world.commands.pop(data.draw(st.integers(0, len(self.world.commands) - 1)))

    @rule(data=st.data(), progress=st.floats(0, 1))
    def a_worker_progresses(self, data: st.DataObject, progress: float) -> None:
        if self.world.running:
            self.world.progress(data.draw(st.sampled_from(sorted(self.world.running))), progress)

    @rule(data=st.data())
    def a_worker_finishes(self, data: st.DataObject) -> None:
        if self.world.running:
            self.world.finish(data.draw(st.sampled_from(sorted(self.world.running))))

    @rule(data=st.data(), reason=st.sampled_from(REASONS))
    def a_worker_fails(self, data: st.DataObject, reason: Reason) -> None:
        if self.world.running:
            self.world.fail(data.draw(st.sampled_from(sorted(self.world.running))), reason)

    @rule(data=st.data())
    def a_worker_dies(self, data: st.DataObject) -> None:
        if self.world.running:
            del self.world.running[data.draw(st.sampled_from(sorted(self.world.running)))]

    @rule(data=st.data())
    def a_worker_hands_back(self, data: st.DataObject) -> None:
        if self.world.running:
            worker = data.draw(st.sampled_from(sorted(self.world.running)))
            command = self.world.running.pop(worker)
            self.world.report(command, HandedBack(command.stage_id, command.attempt, worker))
            self.world.commands.append(command)

    @rule(data=st.data(), again=st.booleans())
    def statuses_arrive(self, data: st.DataObject, again: bool) -> None:
        """Some statuses arrive, in any order; with `again`, all of them come once more."""
        if self.world.statuses:
            order = data.draw(st.permutations(self.world.statuses))
            count = data.draw(st.integers(1, len(order)))
            self.world.apply(order[:count])
            self.world.statuses = order if again else order[count:]

    @rule(data=st.data())
    def a_status_is_lost(self, data: st.DataObject) -> None:
        if self.world.statuses:
            self.world.statuses.pop(data.draw(st.integers(0, len(self.world.statuses) - 1)))

    @rule(seconds=st.sampled_from((1, 20, 100, 1000)))
    def time_passes(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)
        self.world.reconcile()

    @rule()
    def the_scheduler_runs(self) -> None:
        self.world.schedule()

    @rule(data=st.data())
    def a_client_cancels(self, data: st.DataObject) -> None:
        self.world.cancel(data.draw(st.sampled_from(sorted(self.world.jobs))))

    @invariant()
    def a_terminal_state_never_changes(self) -> None:
        now = {stage.id: stage for stage in self.world.stages() if stage.state.terminal}
        for stage_id, stage in self.ended.items():
            assert now[stage_id] == stage
        self.ended = now

    @invariant()
    def progress_never_falls(self) -> None:
        for job_id, job in self.world.jobs.items():
            stages = {stage.id: stage.progress for stage in job.stages}
            before, of_stages = self.seen.get(job_id, (0, {}))
            assert job.record.progress >= before
            assert all(stages[stage_id] >= progress for stage_id, progress in of_stages.items())
            self.seen[job_id] = (job.record.progress, stages)

    @invariant()
    def a_completed_job_has_every_artifact(self) -> None:
        for job in self.world.jobs.values():
            if job.record.status == "completed":
                assert all(stage.state is S.COMPLETED and stage.outputs for stage in job.stages)

    @invariant()
    def no_stage_runs_for_a_job_that_has_ended(self) -> None:
        for job in self.world.jobs.values():
            if job.record.status.terminal:
                assert all(stage.state.terminal for stage in job.stages)

    @invariant()
    def an_action_key_is_billed_once(self) -> None:
        bills = Counter(key_of(stage) for stage in self.world.stages() if stage.billable)
        assert all(count == 1 for count in bills.values())

    @invariant()
    def a_result_was_made_by_one_execution_or_was_known(self) -> None:
        made = Counter(
            each.stage_id for each in self.world.executions.values() if each.outcome is Outcome.COMPLETED
        )
        for stage in self.world.stages():
            ran = stage.state is S.COMPLETED and stage.cache is not CacheUse.HIT
            assert made[stage.id] == int(ran)

    @invariant()
    def what_exceeds_memory_twice_is_not_tried_again(self) -> None:
        for stage in self.world.stages():
            if stage.failures.get(Reason.OUT_OF_MEMORY, 0) >= 2:
                assert stage.state.terminal

    @invariant()
    def an_engine_is_never_given_more_than_it_has_room_for(self) -> None:
        taken = Counter(engine_of(stage) for stage in self.world.stages() if stage.state is S.QUEUED)
        assert all(count <= 2 * SLOTS for count in taken.values())

    def teardown(self) -> None:
        """With no more faults, every job ends, and no worker runs for an ended one."""
        world = self.world
        for _ in range(ROUNDS):
            if all(job.record.status.terminal for job in world.jobs.values()) and not world.running:
                return
            world.now += timedelta(seconds=100)
            for worker in sorted(world.running):
                world.progress(worker, 0.5)
            arrived, world.statuses = world.statuses, []
            world.apply(arrived)
            for worker in sorted(world.running):
                world.finish(worker)
            arrived, world.statuses = world.statuses, []
            world.apply(arrived)
            world.reconcile()
            world.schedule()
            commands, world.commands = world.commands, []
            for command in commands:
                world.start(command)
        raise AssertionError(f"Stuck: {[(each.id, each.state) for each in world.stages()]}")


TestJobCore = JobCore.TestCase
TestJobCore.settings = settings(
    max_examples=int(os.environ.get("EXAMPLES", "150")),
    stateful_step_count=40,
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
)
