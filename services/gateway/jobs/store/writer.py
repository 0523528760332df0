"""The only writer of videos and stages: whoever wants something of it waits for the transaction that does it.

What is asked for while one transaction runs goes into the next one together: group commit.
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
from services.gateway.jobs.domain.job_update import Decision
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.domain.retry import RetryPolicy
from services.gateway.jobs.scheduling.admission import engine_of
from services.gateway.jobs.scheduling.cross_job import Settlement, flights_of
from services.gateway.jobs.scheduling.scheduler import CommittedTables, LoadBook, Turns
from services.gateway.jobs.store import repository, write_batch
from services.gateway.jobs.store.billing import compare_bills
from services.gateway.jobs.store.job_cache import JobCache
from services.gateway.jobs.store.result_cache import ResultCheck
from services.gateway.jobs.store.write_batch import Entry, Messenger, Page
from services.gateway.jobs.store.write_requests import Alongside, Change, Request, Result, next_batch

CONFLICTS = 20
"""So often a video may be changed by another gateway between its reading and its writing."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: after which a silent worker counts as gone, how long unreferenced artifacts are kept, and how
    long it is believed what other gateways have in flight; and how many jobs are kept in memory."""

    worker_timeout: float
    garbage_delay: float
    load_fresh: float = 1.0
    cached_jobs: int = 20_000


class Ledger:
    def __init__(
        self,
        pool: Pool,
        policy: RetryPolicy,
        clock: Callable[[], datetime],
        check: ResultCheck,
        messenger: Messenger,
        limits: Limits,
    ) -> None:
        self._pool = pool
        self._policy = policy
        self._clock = clock
        self._check = check
        self._messenger = messenger
        self._limits = limits
        self._cache = JobCache(limits.cached_jobs)
        self._book = LoadBook(fresh_seconds=limits.load_fresh)
        self._turns = Turns()
        self._requests: list[Request] = []
        self._working: asyncio.Task[None] | None = None

    async def create(self, jobs: Sequence[Job], alongside: Alongside | None = None) -> list[Job]:
        """Store new jobs and ask for the stages whose turn it is. Returns them as stored.

        `alongside` writes in the same transaction, before the jobs; what it raises undoes all of it.
        """
        changes = [Change(job.video.id, new=job) for job in jobs]
        result = await self._ask(Request(changes, alongside=alongside))
        if result.checking is None:
            return [result.jobs[job.video.id] for job in jobs]
        await asyncio.shield(result.checking)
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
            await self._ask(Request([Change(video_id, tuple(each)) for video_id, each in by_video.items()]))

    async def retry_due(self) -> None:
        """Make ready again what has waited for the end of its backoff."""
        async with self._pool.acquire() as connection:
            due = await repository.due_for_retry(connection, self._clock())
        if due:
            await self._ask(Request([Change(video_id) for video_id in due]))

    async def schedule(self) -> int:
        """Give the room of every engine to the stages whose turn it is. Returns how many were asked for."""
        return (await self._ask(Request((), schedule=True))).asked

    async def cancel(self, workspace_id: str, video_ids: Sequence[str]) -> list[Job]:
        """Cancel those of the videos that have not ended. Returns all that there are, in their order."""
        changes = [Change(video_id, cancelled_by=workspace_id) for video_id in video_ids]
        jobs = (await self._ask(Request(changes))).jobs
        found = [jobs[video_id] for video_id in video_ids if video_id in jobs]
        return [job for job in found if job.video.workspace_id == workspace_id]

    async def delete(self, workspace_id: str, video_id: str) -> bool:
        """Cancel and forget the video, and what nothing else refers to of it. False if there is none."""
        request = Request([Change(video_id, cancelled_by=workspace_id)], deleting=True)
        job = (await self._ask(request)).jobs.get(video_id)
        return job is not None and job.video.workspace_id == workspace_id

    async def _ask(self, request: Request) -> Result:
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
            except Exception as exc:  # noqa: BLE001 - whoever waits is told
                waiting, self._requests = self._requests, []
                for request in waiting:
                    request.fail(exc)

    async def _serve(self, connection: Connection, batch: Sequence[Request]) -> None:
        """What PostgreSQL cannot hold is the failure of that request alone."""
        try:
            result = await self._commit(connection, batch)
        except UNSTORABLE_ERRORS as exc:
            self._forget()
            if len(batch) == 1:
                return batch[0].fail(exc)
            for request in batch:
                await self._serve(connection, [request])
        except Exception as exc:  # noqa: BLE001 - whoever waits is told
            self._forget()
            for request in batch:
                request.fail(exc)
        else:
            for request in batch:
                request.finish(result)

    def _forget(self) -> None:
        """It is not known what has been written."""
        self._cache.clear()
        self._book.forget()

    async def _commit(self, connection: Connection, batch: Sequence[Request]) -> Result:
        """Again and again for the videos that another gateway has changed meanwhile.

        Two stages that make the same result at the same time are rare: only then, bills are compared.
        """
        result = Result()
        changes = [change for request in batch for change in request.changes]
        schedule = any(request.schedule for request in batch)
        compare = False
        for _ in range(CONFLICTS):
            try:
                written = await self._transact(connection, batch[0], changes, result, schedule, compare)
            except asyncpg.UniqueViolationError:
                if compare or batch[0].alongside is not None:
                    raise
                self._forget()
                compare = True
                continue
            changes = [change for change in changes if change.video_id not in written]
            if not changes:
                return result
            self._cache.forget(change.video_id for change in changes)
        raise asyncpg.SerializationError("Another gateway keeps changing the same videos.")

    async def _transact(
        self,
        connection: Connection,
        request: Request,
        changes: Sequence[Change],
        result: Result,
        schedule: bool,
        compare: bool,
    ) -> set[str]:
        """Returns the ids of the videos that are done with."""
        entries = await self._decide(connection, changes)
        gone = [change for change in changes if change.video_id not in entries]
        settlement = await self._settle(connection, entries, changes, schedule)
        if compare:
            await compare_bills(connection, settlement.decisions)
        deleting = deleted(entries, changes) if request.deleting else []
        published = self._messenger.take_published()
        page = Page(entries.values(), gone, deleting, published, self._garbage_due())
        try:
            written = await write_batch.write(connection, page, request.alongside)
        except BaseException:
            self._messenger.restore_published(page.published)
            raise
        self._take_in(entries, written - set(deleting))
        self._messenger.send(page.messages(written))
        decisions = [entry.decision for video_id, entry in entries.items() if video_id in written]
        result.jobs |= {decision.video.id: decision.job for decision in decisions}
        result.asked += sum(len(decision.requested) for decision in decisions)
        self._look_after(settlement, result)
        return written | {change.video_id for change in gone}

    async def _decide(self, connection: Connection, changes: Sequence[Change]) -> dict[str, Entry]:
        await self._load(connection, [change.video_id for change in changes if change.new is None])
        now, dice = self._clock(), random.random()
        entries: dict[str, Entry] = {}
        for change in changes:
            entry = entries.get(change.video_id) or self._entry(change.video_id, change.new, now, dice)
            if entry is not None:
                entries[change.video_id] = entry
                change.apply_to(entry.decision)
        return entries

    def _entry(self, video_id: str, new: Job | None, now: datetime, dice: float) -> Entry | None:
        if new is not None:
            return Entry(Decision(new, now, dice, self._policy), revision=0, new=True)
        known = self._cache.get(video_id)
        return known and Entry(Decision(known.job, now, dice, self._policy), known.revision)

    async def _load(self, connection: Connection, video_ids: Iterable[str]) -> None:
        missing = {video_id for video_id in video_ids if self._cache.get(video_id) is None}
        if missing:
            self._cache.put(await repository.read_jobs(connection, sorted(missing)))

    async def _settle(
        self, connection: Connection, entries: dict[str, Entry], changes: Sequence[Change], schedule: bool
    ) -> Settlement:
        """Then let those who wait have the room that is left."""
        await self._forget_missing(connection, entries.values())
        since = self._clock() - timedelta(seconds=self._limits.worker_timeout)
        tables = CommittedTables(connection, self._book, since)
        settlement = Settlement(tables, [entry.decision for entry in entries.values()], self._check)
        await settlement.settle()
        self._turns.note(stage for decision in settlement.decisions for stage in decision.requested)
        if not schedule and not settlement.open:
            return settlement
        turns = await self._turns.next(tables, settlement, everywhere=schedule)
        if turns:
            await self._load(connection, turns.values())
            now = self._clock()
            for video_id in turns.values():
                if video_id not in entries and (entry := self._entry(video_id, None, now, 0.0)):
                    entries[video_id] = entry
            settlement.decisions = [entry.decision for entry in entries.values()]
            settlement.chosen = frozenset(turns)
            await settlement.settle()
        return settlement

    async def _forget_missing(self, connection: Connection, entries: Iterable[Entry]) -> None:
        missing = {key for entry in entries for key in entry.decision.missing}
        if missing:
            log.warning("artifacts_missing", keys=sorted(missing))
            self._check.distrust(missing)
            await write_batch.forget_results(connection, missing)

    def _take_in(self, entries: Mapping[str, Entry], written: set[str]) -> None:
        """Keep in memory what is in the tables now."""
        done = [entries[video_id] for video_id in written]
        self._book.count(flights_of(entry.decision for entry in done))
        ready = (stage for entry in done for stage in entry.decision.ready())
        self._book.mark({engine_of(stage) for stage in ready}, backlog=True)
        self._cache.forget(entries)
        under_way = [entry for entry in done if not entry.decision.video.status.terminal]
        self._cache.put(
            {e.decision.video.id: (e.decision.job, e.revision + e.says_something) for e in under_way}
        )
        self._cache.trim()

    def _look_after(self, settlement: Settlement, result: Result) -> None:
        if settlement.doubtful:
            videos = [decision.video.id for decision in settlement.decisions if decision.ready()]
            checking = self._check_results(list(settlement.doubtful.values()), videos)
            result.checking = asyncio.create_task(checking)

    async def _check_results(self, doubtful: Sequence[KnownResult], video_ids: Sequence[str]) -> None:
        """Look for the artifacts of known results; then reuse them, or have them made again."""
        try:
            lost = await self._check.lost(doubtful)
            if lost:
                log.warning("artifacts_missing", keys=sorted(lost))
                async with self._pool.acquire() as connection:
                    await write_batch.forget_results(connection, lost)
            result = await self._ask(Request([Change(video_id) for video_id in video_ids]))
        except (StoreUnavailable, *TRANSIENT_ERRORS) as exc:
            # The stages stay ready: the reconciler's next pass finds them.
            log.warning("known_results_not_checked", error=str(exc))
        else:
            if result.checking is not None:
                await result.checking

    def _garbage_due(self) -> datetime:
        return self._clock() + timedelta(seconds=self._limits.garbage_delay)


def deleted(entries: Mapping[str, Entry], changes: Iterable[Change]) -> list[str]:
    """Ids of the videos that their own workspace wants deleted."""
    return [
        change.video_id
        for change in changes
        if change.video_id in entries
        and entries[change.video_id].decision.video.workspace_id == change.cancelled_by
    ]
