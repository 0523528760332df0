"""Removes objects from the store that nothing refers to any more."""

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
BATCH = 100
MAX_CONCURRENCY = 4
CLAIM_SECONDS = 60.0
"""So long is an object left to the gateway that is about to delete it; then another one tries."""
LONGEST_PAUSE_SECONDS = 60.0
log = structlog.get_logger()


async def discard(connection: Connection, object_keys: Iterable[str], due_at: datetime) -> None:
    """Remove these objects from the store after `due_at`, unless somebody refers to them then."""
    if keys := sorted(set(object_keys)):
        await connection.execute(SQL["insert"], keys, due_at)


class Deletes(Protocol):
    """What this needs of the object store."""

    async def delete(self, key: str) -> None:
        """Deleting what is not there is no error. Raises `StoreUnavailable`."""
        ...


class GarbageCollector:
    """Safe to run in several gateways: each object is claimed by one of them.

    An object stays while a stage has made it, an asset is it, or an upload waits for it: whoever ends that
    discards it anew. It stays on the list while an unfinished stage takes it as its input.

    Nothing keeps a worker from finding an object in the store, and so not putting it again, just before it
    is deleted here. If its completion comes first, its stage is known not to be reusable; if it comes later,
    the object turns out to be missing when somebody wants it: a cache miss (`jobs/domain/job_update.py`), or
    an input that is made again (`jobs/domain/lost_artifact.py`).
    """

    def __init__(
        self,
        pool: Pool,
        store: Deletes,
        clock: Callable[[], datetime],
        *,
        interval_seconds: float,
        upload_seconds: float,
    ) -> None:
        self._pool = pool
        self._store = store
        self._clock = clock
        self._interval = interval_seconds
        self._upload_age = timedelta(seconds=upload_seconds)

    async def run(self) -> None:
        pause = self._interval
        while True:
            try:
                while await self.collect() == BATCH:
                    pass
                pause = self._interval
            except (StoreUnavailable, *TRANSIENT_ERRORS) as exc:
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                log.warning("garbage.not_collected", error=str(exc), again_in_seconds=pause)
            await asyncio.sleep(pause)

    async def collect(self) -> int:
        """One batch. Returns how many objects were looked at. Raises `StoreUnavailable`; what is left then
        is due again when its claim is over."""
        now = self._clock()
        claim = now + timedelta(seconds=CLAIM_SECONDS)
        async with self._pool.acquire() as connection:
            await connection.execute(SQL["discard_old_uploads"], now - self._upload_age, BATCH, now)
            rows = await connection.fetch(SQL["claim"], now, BATCH, claim)
        kept = [row["object_key"] for row in rows if row["referred_to"]]
        gone: list[str] = []
        unneeded = [row["object_key"] for row in rows if not row["referred_to"] and not row["still_read"]]
        try:
            async for key in self._deleted(unneeded):
                gone.append(key)
        finally:
            await self._strike_off(kept, gone, claim)
        return len(rows)

    async def _deleted(self, keys: Sequence[str]) -> AsyncIterator[str]:
        """No transaction is open meanwhile: a store that hangs would hold up whoever wants its locks."""
        for start in range(0, len(keys), MAX_CONCURRENCY):
            some = keys[start : start + MAX_CONCURRENCY]
            results = await asyncio.gather(*map(self._store.delete, some), return_exceptions=True)
            for key, result in zip(some, results, strict=True):
                if result is None:
                    yield key
            for failure in filter(None, results):
                raise failure

    async def _strike_off(self, kept: Sequence[str], gone: Sequence[str], claim: datetime) -> None:
        """One that has been discarded again since it was claimed stays on the list."""
        if not kept and not gone:
            return
        async with self._pool.acquire() as connection, connection.transaction():
            await forget_results(connection, gone)
            await connection.execute(SQL["strike_off"], [*kept, *gone], claim)
        GARBAGE_DELETED.inc(len(gone))
        log.info("garbage.collected", deleted=len(gone), kept=len(kept))
