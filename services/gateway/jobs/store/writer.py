"""The single writer of jobs and stages, with group commit.

Callers await the transaction that contains their change. Everything requested while one transaction runs goes
into the next one together.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog

from services.chassis.errors import StoreUnavailable
from services.gateway.db.pool import TRANSIENT_ERRORS, UNSTORABLE_ERRORS, Connection, Pool
from services.gateway.jobs.domain.events import KnownResult, StageEvent
from services.gateway.jobs.domain.job_status import Finish
from services.gateway.jobs.domain.job_update import JobUpdate
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.domain.retry import RetryPolicy
from services.gateway.jobs.scheduling.admission import engine_of
from services.gateway.jobs.scheduling.cross_job import CrossJobUpdates, flights_of
from services.gateway.jobs.scheduling.engine_load import EngineLoadCache
from services.gateway.jobs.scheduling.scheduler import Scheduler
from services.gateway.jobs.store import repository, write_batch
from services.gateway.jobs.store.billing import compare_bills
from services.gateway.jobs.store.job_cache import JobCache
from services.gateway.jobs.store.ready_queue import CommittedTables
from services.gateway.jobs.store.result_cache import ResultCheck
from services.gateway.jobs.store.write_batch import Messenger, PendingWrite, WriteBatch
from services.gateway.jobs.store.write_requests import Change, ExtraWrites, Result, WriteRequest, next_batch

MAX_CONFLICTS = 20
"""Maximum number of retries after a revision conflict."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """Time and memory limits of the writer.

    `worker_timeout`: seconds after which a silent worker counts as gone. `garbage_delay`: seconds for which
    unreferenced artifacts are kept. `load_fresh`: seconds for which counts of other gateways are trusted.
    `cached_jobs`: maximum number of jobs in memory.
    """

    worker_timeout: float
    garbage_delay: float
    load_fresh: float = 1.0
    cached_jobs: int = 20_000


class JobWriter:
    """Writes jobs for every part of this gateway. `finish_of` returns the `finish` function of a kind."""

    def __init__(
        self,
        pool: Pool,
        policy: RetryPolicy,
        clock: Callable[[], datetime],
        check: ResultCheck,
        messenger: Messenger,
        limits: Limits,
        finish_of: Callable[[str], Finish],
    ) -> None:
        self._pool = pool
        self._policy = policy
        self._clock = clock
        self._check = check
        self._messenger = messenger
        self._limits = limits
        self._finish_of = finish_of
        self._cache = JobCache(limits.cached_jobs)
        self._loads = EngineLoadCache(fresh_seconds=limits.load_fresh)
        self._scheduler = Scheduler()
        self._requests: list[WriteRequest] = []
        self._working: asyncio.Task[None] | None = None

    async def create(self, jobs: Sequence[Job], extra_writes: ExtraWrites | None = None) -> list[Job]:
        """Stores new jobs and admits the stages that engines have room for. Returns the jobs as stored."""
        changes = [Change(job.record.id, new=job) for job in jobs]
        result = await self._submit(WriteRequest(changes, extra_writes=extra_writes))
        if result.checking is None:
            return [result.jobs[job.record.id] for job in jobs]
        await asyncio.shield(result.checking)
        async with self._pool.acquire() as connection:
            return await repository.find_jobs(connection, [job.record.id for job in jobs])

    async def apply(self, events: Iterable[tuple[str, StageEvent]]) -> None:
        """Applies events, each with its job's id, in order.

        A job that is not in the tables has been deleted: workers that still run it are stopped.
        """
        by_job: defaultdict[str, list[StageEvent]] = defaultdict(list)
        for job_id, event in events:
            by_job[job_id].append(event)
        if by_job:
            changes = [Change(job_id, tuple(each)) for job_id, each in by_job.items()]
            await self._submit(WriteRequest(changes))

    async def retry_due(self) -> None:
        """Makes stages ready whose backoff is over."""
        async with self._pool.acquire() as connection:
            due = await repository.due_for_retry(connection, self._clock())
        if due:
            await self._submit(WriteRequest([Change(job_id) for job_id in due]))

    async def schedule(self) -> int:
        """Gives the room of every engine to ready stages. Returns how many were admitted."""
        return (await self._submit(WriteRequest((), schedule=True))).admitted_count

    async def cancel(self, workspace_id: str, job_ids: Sequence[str]) -> list[Job]:
        """Cancels those of the jobs that have not ended. Returns all that exist, in the order of the ids."""
        changes = [Change(job_id, cancelled_by=workspace_id) for job_id in job_ids]
        jobs = (await self._submit(WriteRequest(changes))).jobs
        found = [jobs[job_id] for job_id in job_ids if job_id in jobs]
        return [job for job in found if job.record.workspace_id == workspace_id]

    async def delete(self, workspace_id: str, job_id: str) -> bool:
        """Cancels and deletes the job, and discards artifacts that nothing else refers to. Returns False if
        the workspace has no such job."""
        request = WriteRequest([Change(job_id, cancelled_by=workspace_id)], deleting=True)
        job = (await self._submit(request)).jobs.get(job_id)
        return job is not None and job.record.workspace_id == workspace_id

    async def _submit(self, request: WriteRequest) -> Result:
        self._requests.append(request)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await request.done

    async def _work(self) -> None:
        while self._requests:
            try:
                async with self._pool.acquire() as connection:
                    while self._requests and not connection.is_closed():
                        await self._serve(connection, next_batch(self._requests))
            except Exception as exc:  # noqa: BLE001 - every caller gets it
                waiting, self._requests = self._requests, []
                for request in waiting:
                    request.fail(exc)

    async def _serve(self, connection: Connection, batch: Sequence[WriteRequest]) -> None:
        """Commits the batch. Values that PostgreSQL cannot hold fail their own request only."""
        try:
            result = await self._commit(connection, batch)
        except UNSTORABLE_ERRORS as exc:
            self._forget()
            if len(batch) == 1:
                return batch[0].fail(exc)
            for request in batch:
                await self._serve(connection, [request])
        except Exception as exc:  # noqa: BLE001 - every caller gets it
            self._forget()
            for request in batch:
                request.fail(exc)
        else:
            for request in batch:
                request.finish(result)

    def _forget(self) -> None:
        """Drops what is kept in memory, after a transaction whose outcome is not known."""
        self._cache.clear()
        self._loads.forget()

    async def _commit(self, connection: Connection, batch: Sequence[WriteRequest]) -> Result:
        """Retries jobs whose revision another gateway has changed (optimistic concurrency).

        Two stages that make the same result at the same time violate the unique index of bills. That is rare,
        so bills are compared only then.
        """
        result = Result()
        changes = [change for request in batch for change in request.changes]
        schedule = any(request.schedule for request in batch)
        compare = False
        for _ in range(MAX_CONFLICTS):
            try:
                written = await self._transact(connection, batch[0], changes, result, schedule, compare)
            except asyncpg.UniqueViolationError:
                if compare or batch[0].extra_writes is not None:
                    raise
                self._forget()
                compare = True
                continue
            changes = [change for change in changes if change.job_id not in written]
            if not changes:
                return result
            self._cache.forget(change.job_id for change in changes)
        raise asyncpg.SerializationError("Another gateway keeps changing the same jobs.")

    async def _transact(
        self,
        connection: Connection,
        request: WriteRequest,
        changes: Sequence[Change],
        result: Result,
        schedule: bool,
        compare: bool,
    ) -> set[str]:
        """Runs one transaction. Returns the ids of the jobs whose changes need no retry."""
        writes = await self._apply_changes(connection, changes)
        deleted = [change for change in changes if change.job_id not in writes]
        cross_job = await self._resolve(connection, writes, schedule)
        if compare:
            await compare_bills(connection, cross_job.updates)
        deleting = ids_to_delete(writes, changes) if request.deleting else []
        published = self._messenger.take_published()
        batch = WriteBatch(writes.values(), deleted, deleting, published, self._garbage_due())
        try:
            written = await write_batch.write(connection, batch, request.extra_writes)
        except BaseException:
            self._messenger.restore_published(published)
            raise
        self._remember(writes, written - set(deleting))
        self._messenger.send(batch.messages(written))
        updates = [write.update for job_id, write in writes.items() if job_id in written]
        result.jobs |= {update.record.id: update.job for update in updates}
        result.admitted_count += sum(len(update.requested) for update in updates)
        self._check_doubtful(cross_job, result)
        return written | {change.job_id for change in deleted}

    async def _apply_changes(
        self, connection: Connection, changes: Sequence[Change]
    ) -> dict[str, PendingWrite]:
        await self._load(connection, [change.job_id for change in changes if change.new is None])
        now, jitter = self._clock(), random.random()
        writes: dict[str, PendingWrite] = {}
        for change in changes:
            write = writes.get(change.job_id) or self._pending_write(change.job_id, change.new, now, jitter)
            if write is not None:
                writes[change.job_id] = write
                change.apply_to(write.update)
        return writes

    def _pending_write(
        self, job_id: str, new: Job | None, now: datetime, jitter: float
    ) -> PendingWrite | None:
        known = self._cache.get(job_id) if new is None else None
        job = known.job if known else new
        if job is None:
            return None
        update = JobUpdate(job, now, jitter, self._policy, self._finish_of(job.record.kind))
        return PendingWrite(update, known.revision if known else 0, new=known is None)

    async def _load(self, connection: Connection, job_ids: Iterable[str]) -> None:
        missing = {job_id for job_id in job_ids if self._cache.get(job_id) is None}
        if missing:
            self._cache.put(await repository.read_jobs(connection, sorted(missing)))

    async def _resolve(
        self, connection: Connection, writes: dict[str, PendingWrite], schedule: bool
    ) -> CrossJobUpdates:
        """Completes the updates; then gives the room that is left to stages that wait in the tables, whose
        jobs are added to `writes`."""
        await self._forget_missing(connection, writes.values())
        since = self._clock() - timedelta(seconds=self._limits.worker_timeout)
        tables = CommittedTables(connection, self._loads, since)
        batch = CrossJobUpdates(tables, [write.update for write in writes.values()], self._check)
        await batch.resolve()
        self._scheduler.note(stage for update in batch.updates for stage in update.requested)
        if not schedule and not batch.open:
            return batch
        chosen = await self._scheduler.next(tables, batch, everywhere=schedule)
        if chosen:
            await self._load(connection, chosen.values())
            now = self._clock()
            for job_id in chosen.values():
                if job_id not in writes and (write := self._pending_write(job_id, None, now, 0.0)):
                    writes[job_id] = write
            batch.updates = [write.update for write in writes.values()]
            batch.chosen = frozenset(chosen)
            await batch.resolve()
        return batch

    async def _forget_missing(self, connection: Connection, writes: Iterable[PendingWrite]) -> None:
        missing = {key for write in writes for key in write.update.missing}
        if missing:
            log.warning("artifact.missing", keys=sorted(missing))
            self._check.distrust(missing)
            await write_batch.forget_results(connection, missing)

    def _remember(self, writes: Mapping[str, PendingWrite], written: set[str]) -> None:
        """Keeps in memory what is in the tables now."""
        done = [writes[job_id] for job_id in written]
        self._loads.count(flights_of(write.update for write in done))
        ready = (stage for write in done for stage in write.update.ready())
        self._loads.mark({engine_of(stage) for stage in ready}, backlog=True)
        self._cache.forget(writes)
        under_way = [write for write in done if not write.update.record.status.terminal]
        self._cache.put({w.update.record.id: (w.update.job, w.revision + w.has_changes) for w in under_way})
        self._cache.trim()

    def _check_doubtful(self, batch: CrossJobUpdates, result: Result) -> None:
        if batch.doubtful:
            jobs = [update.record.id for update in batch.updates if update.ready()]
            checking = self._check_results(list(batch.doubtful.values()), jobs)
            result.checking = asyncio.create_task(checking)

    async def _check_results(self, doubtful: Sequence[KnownResult], job_ids: Sequence[str]) -> None:
        """Looks for the artifacts of known results; then reuses them, or has them made again."""
        try:
            lost = await self._check.lost(doubtful)
            if lost:
                log.warning("artifact.missing", keys=sorted(lost))
                async with self._pool.acquire() as connection:
                    await write_batch.forget_results(connection, lost)
            result = await self._submit(WriteRequest([Change(job_id) for job_id in job_ids]))
        except (StoreUnavailable, *TRANSIENT_ERRORS) as exc:
            # The stages stay ready: the reconciler's next pass finds them.
            log.warning("result.not_checked", error=str(exc))
        else:
            if result.checking is not None:
                await result.checking

    def _garbage_due(self) -> datetime:
        return self._clock() + timedelta(seconds=self._limits.garbage_delay)


def ids_to_delete(writes: Mapping[str, PendingWrite], changes: Iterable[Change]) -> list[str]:
    """Returns the ids of the jobs that their own workspace wants deleted."""
    return [
        change.job_id
        for change in changes
        if change.job_id in writes and writes[change.job_id].update.record.workspace_id == change.cancelled_by
    ]
