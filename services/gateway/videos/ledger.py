"""Applies events to jobs: lock, decide (pure), write and enqueue, in one transaction for a whole batch."""

import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog

from services.chassis.errors import StoreUnavailable
from services.gateway import outbox
from services.gateway.database import Connection, Pool
from services.gateway.notifications import Wakeups
from services.gateway.videos import lines, posting, repository
from services.gateway.videos.admission import EngineKey
from services.gateway.videos.commands import deleted_video_cancelled
from services.gateway.videos.decision import Decision, decide
from services.gateway.videos.known_results import ResultCheck
from services.gateway.videos.records import Job
from services.gateway.videos.retry import RetryPolicy
from services.gateway.videos.settlement import Settlement
from services.gateway.videos.stage_events import Completed, Progressed, StageEvent, Started
from services.gateway.videos.turns import fair_turns

Events = Mapping[str, Sequence[StageEvent]]
"""By video id."""
Alongside = Callable[[Connection], Awaitable[None]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: after which a silent worker counts as gone, and how long unreferenced artifacts are kept."""

    worker_timeout: float
    garbage_delay: float


class Ledger:
    """The only writer of videos and stages. `backlog` rings when the scheduler has something to do."""

    def __init__(
        self,
        pool: Pool,
        policy: RetryPolicy,
        clock: Callable[[], datetime],
        check: ResultCheck,
        timing: Timing,
    ) -> None:
        self.backlog = Wakeups()
        self._pool = pool
        self._policy = policy
        self._clock = clock
        self._check = check
        self._timing = timing
        self._turns = 0

    async def create(self, jobs: Sequence[Job], alongside: Alongside | None = None) -> list[Job]:
        """Store new jobs and ask for the stages whose turn it is. Returns them as stored.

        `alongside` writes in the same transaction, before the jobs; what it raises undoes all of it.
        """
        decisions = [self._decide(job, ()) for job in jobs]
        async with self._pool.acquire() as connection, connection.transaction():
            if alongside is not None:
                await alongside(connection)
            settlement = await self._settle(connection, decisions)
            await posting.write_new(connection, decisions, self._garbage_due())
        await self._follow_up(settlement)
        if not settlement.doubtful:
            return [decision.job for decision in decisions]
        async with self._pool.acquire() as connection:
            return await repository.find_jobs(connection, [job.video.id for job in jobs])

    async def apply(self, events: Iterable[tuple[str, StageEvent]]) -> None:
        """Apply events, each with its video's id, in order.

        An unknown video has been deleted: whoever still works for it is told to stop.
        """
        by_video: defaultdict[str, list[StageEvent]] = defaultdict(list)
        for video_id, event in events:
            by_video[video_id].append(event)
        if by_video:
            await self._apply(by_video)

    async def retry_due(self) -> None:
        """Make ready again what has waited for the end of its backoff."""
        async with self._pool.acquire() as connection:
            due = await repository.due_for_retry(connection, self._clock())
        if due:
            await self._apply(dict.fromkeys(due, ()))

    async def schedule(self) -> int:
        """Give the room of every engine to the stages whose turn it is. Returns how many were asked for."""
        async with self._pool.acquire() as connection:
            turns = await self._next_turns(connection)
        if not turns:
            return 0
        asked = await self._apply(dict.fromkeys(turns.values(), ()), frozenset(turns))
        self._turns += asked
        return asked

    async def cancel(self, workspace_id: str, video_ids: Sequence[str]) -> list[Job]:
        """Cancel those of the videos that have not ended. Returns all that there are, in their order."""
        async with self._pool.acquire() as connection, connection.transaction():
            jobs = await repository.lock_jobs(connection, video_ids)
            decisions = [
                self._decide(job, ()) for job in jobs.values() if job.video.workspace_id == workspace_id
            ]
            for decision in decisions:
                decision.cancel()
            await posting.write(connection, decisions, self._garbage_due())
        self.backlog.ring()
        return [decision.job for decision in decisions]

    async def delete(self, workspace_id: str, video_id: str) -> bool:
        """Cancel and forget the video, and what nothing else refers to of it. False if there is none."""
        async with self._pool.acquire() as connection, connection.transaction():
            job = (await repository.lock_jobs(connection, [video_id])).get(video_id)
            if job is None or job.video.workspace_id != workspace_id:
                return False
            decision = self._decide(job, ())
            decision.cancel()
            await posting.write(connection, [decision], self._garbage_due())
            await repository.delete(connection, video_id)
            made = [each.key for stage in job.stages for each in stage.outputs.values()]
            await repository.discard(connection, made, self._garbage_due())
        self.backlog.ring()
        return True

    def _decide(self, job: Job, events: Iterable[StageEvent]) -> Decision:
        return decide(job, events, now=self._clock(), dice=random.random(), policy=self._policy)

    async def _apply(self, events: Events, chosen: frozenset[str] = frozenset()) -> int:
        """Returns how many stages were asked for on the bus.

        Two stages that make the same result at the same time are rare: only then, bills are compared.
        """
        try:
            settlement = await self._transact(events, chosen, compare_bills=False)
        except asyncpg.UniqueViolationError:
            settlement = await self._transact(events, chosen, compare_bills=True)
        await self._follow_up(settlement)
        return sum(len(decision.requested) for decision in settlement.decisions)

    async def _transact(self, events: Events, chosen: frozenset[str], *, compare_bills: bool) -> Settlement:
        async with self._pool.acquire() as connection, connection.transaction():
            lock = repository.lock_free_jobs if chosen else repository.lock_jobs
            jobs = await lock(connection, events)
            decisions = [self._decide(job, events[video_id]) for video_id, job in jobs.items()]
            await self._forget_missing(connection, decisions)
            settlement = await self._settle(connection, decisions, chosen)
            if compare_bills:
                await posting.settle_bills(connection, decisions)
            await posting.write(connection, decisions, self._garbage_due())
            if not chosen:
                await self._stop_work_for_deleted(connection, events, jobs)
        return settlement

    async def _settle(
        self, connection: Connection, decisions: Sequence[Decision], chosen: frozenset[str] = frozenset()
    ) -> Settlement:
        settlement = Settlement(
            lines.CommittedTables(connection, self._workers_since()), decisions, self._check, chosen
        )
        await settlement.settle()
        return settlement

    async def _forget_missing(self, connection: Connection, decisions: Sequence[Decision]) -> None:
        missing = {key for decision in decisions for key in decision.missing}
        if missing:
            log.warning("artifacts_missing", keys=sorted(missing))
            self._check.distrust(missing)
            await repository.forget_results(connection, sorted(missing))

    async def _follow_up(self, settlement: Settlement) -> None:
        """After the commit: look for the artifacts of known results, and let others have their turn."""
        if settlement.backlog:
            self.backlog.ring()
        if not settlement.doubtful:
            return
        try:
            lost = await self._check.lost(settlement.doubtful.values())
        except StoreUnavailable as exc:  # the stages stay ready: the scheduler comes back to them
            log.warning("known_results_not_checked", error=exc.message)
            return
        if lost:
            log.warning("artifacts_missing", keys=sorted(lost))
            async with self._pool.acquire() as connection:
                await repository.forget_results(connection, sorted(lost))
        await self._apply({decision.job.video.id: () for decision in settlement.decisions})

    async def _stop_work_for_deleted(
        self, connection: Connection, events: Events, jobs: Mapping[str, Job]
    ) -> None:
        deleted = sorted(events.keys() - jobs.keys())
        stopped = [
            deleted_video_cancelled(video_id)
            for video_id in deleted
            if any(isinstance(event, Started | Progressed) for event in events[video_id])
        ]
        made = [
            artifact.key
            for video_id in deleted
            for event in events[video_id]
            if isinstance(event, Completed)
            for artifact in event.outputs.values()
        ]
        await repository.discard(connection, made, self._garbage_due())
        await outbox.enqueue(connection, [], stopped)

    async def _next_turns(self, connection: Connection) -> dict[str, str]:
        """Video ids by the id of the stage whose turn it is."""
        waiting = await lines.waiting_lines(connection)
        if not waiting:
            return {}
        loads = await lines.engine_loads(connection, {line.engine for line in waiting}, self._workers_since())
        rooms: dict[EngineKey, int] = {engine: load.room for engine, load in loads.items() if load.room}
        open_lines = [line for line in waiting if line.engine in rooms]
        heads = await lines.heads_of_lines(connection, open_lines, rooms)
        weights, bounds = await lines.workspace_shares(connection, {line.workspace_id for line in open_lines})
        return {
            turn.stage_id: turn.video_id
            for engine, candidates in heads.items()
            for turn in fair_turns(candidates, loads[engine].bounded(bounds), weights, self._turns)
        }

    def _workers_since(self) -> datetime:
        return self._clock() - timedelta(seconds=self._timing.worker_timeout)

    def _garbage_due(self) -> datetime:
        return self._clock() + timedelta(seconds=self._timing.garbage_delay)
