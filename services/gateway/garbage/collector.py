"""Deletes objects from the store that nothing refers to any more."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from services.chassis.errors import StoreUnavailable
from services.chassis.observability.metrics import GARBAGE_DELETED
from services.gateway.db.pool import TRANSIENT_ERRORS, Connection, Pool
from services.gateway.db.sql import load_queries
from services.gateway.jobs.store.write_batch import forget_results

SQL = load_queries("services.gateway.garbage")
BATCH_SIZE = 100
MAX_CONCURRENCY = 4
CLAIM_SECONDS = 60.0
"""Time for which an object is left to the gateway that has claimed it; then another one tries."""
MAX_PAUSE_SECONDS = 60.0
SWEEP_SECONDS = 900.0
"""Interval at which the object of a completed upload is deleted again while its URL is valid."""
SENDING_SECONDS = 3600.0
"""Time for which a file may be sent to a URL that was valid when it began."""
log = structlog.get_logger()


async def discard(connection: Connection, object_keys: Iterable[str], due_at: datetime) -> None:
    """Lists these objects to be deleted from the store after `due_at`, unless something refers to them
    then."""
    if keys := sorted(set(object_keys)):
        await connection.execute(SQL["insert"], keys, due_at)


class ObjectDeleter(Protocol):
    """The part of the object store that the collector needs."""

    async def delete(self, key: str) -> None:
        """Deletes the object; one that does not exist is no error. Raises `StoreUnavailable`."""
        ...


class GarbageCollector:
    """Deletes listed objects in the background. Safe to run in several gateways: each object is claimed
    by one of them.

    An object is kept, and taken off the list, while it is the output of a stage, the file of an asset or the
    target of an open upload: deleting one of those lists the object again. That of a completed upload is
    deleted over and over until its URL is no longer valid. It stays on the list while an
    unfinished stage takes it as its input.

    A worker may find an object in the store, and so not put it again, just before it is deleted here. If the
    worker's completion comes first, its stage is marked as not reusable; if it comes later, the object turns
    out to be missing when it is needed: a cache miss (`jobs/domain/job_update.py`), or an input that is made
    again (`jobs/domain/lost_artifact.py`).
    """

    def __init__(
        self,
        pool: Pool,
        store: ObjectDeleter,
        clock: Callable[[], datetime],
        *,
        interval_seconds: float,
        upload_seconds: float,
        url_seconds: float,
    ) -> None:
        self._pool = pool
        self._store = store
        self._clock = clock
        self._interval = interval_seconds
        self._upload_age = timedelta(seconds=upload_seconds)
        self._url_age = timedelta(seconds=url_seconds + SENDING_SECONDS)

    async def run(self) -> None:
        """Collects garbage until it is cancelled; pauses longer while the store or the database is
        unavailable."""
        pause = self._interval
        while True:
            try:
                while await self.collect() == BATCH_SIZE:
                    pass
                pause = self._interval
            except (StoreUnavailable, *TRANSIENT_ERRORS) as exc:
                pause = min(2 * pause, MAX_PAUSE_SECONDS)
                log.warning("garbage.not_collected", error=str(exc), again_in_seconds=pause)
            await asyncio.sleep(pause)

    async def collect(self) -> int:
        """Handles one batch of due objects. Returns its size.

        Raises `StoreUnavailable`; objects that are left then are due again when their claim ends.
        """
        now = self._clock()
        claimed_until = now + timedelta(seconds=CLAIM_SECONDS)
        async with self._pool.acquire() as connection:
            await connection.execute(SQL["discard_old_uploads"], now - self._upload_age, BATCH_SIZE, now)
            await connection.execute(
                SQL["sweep_completed_uploads"],
                now - timedelta(seconds=SWEEP_SECONDS),
                BATCH_SIZE,
                now,
                now - self._url_age,
            )
            rows = await connection.fetch(SQL["claim"], now, BATCH_SIZE, claimed_until)
        kept = [row["object_key"] for row in rows if row["referred_to"]]
        deleted: list[str] = []
        unneeded = [row["object_key"] for row in rows if not row["referred_to"] and not row["still_read"]]
        try:
            async for key in self._deleted(unneeded):
                deleted.append(key)
        finally:
            await self._take_off_list(kept, deleted, claimed_until)
        return len(rows)

    async def _deleted(self, keys: Sequence[str]) -> AsyncIterator[str]:
        """Deletes the objects; yields the keys of those that were deleted.

        No transaction is open meanwhile: with a store that hangs, its locks would block others.
        """
        for start in range(0, len(keys), MAX_CONCURRENCY):
            some = keys[start : start + MAX_CONCURRENCY]
            results = await asyncio.gather(*map(self._store.delete, some), return_exceptions=True)
            for key, result in zip(some, results, strict=True):
                if result is None:
                    yield key
            for failure in filter(None, results):
                raise failure

    async def _take_off_list(
        self, kept: Sequence[str], deleted: Sequence[str], claimed_until: datetime
    ) -> None:
        """Takes objects off the list, except those that were listed again since they were claimed."""
        if not kept and not deleted:
            return
        async with self._pool.acquire() as connection, connection.transaction():
            await forget_results(connection, deleted)
            await connection.execute(SQL["take_off_list"], [*kept, *deleted], claimed_until)
        GARBAGE_DELETED.inc(len(deleted))
        log.info("garbage.collected", deleted=len(deleted), kept=len(kept))
