"""Moves on the stages for which no message will come: lost, overrun, due for a retry, or not yet admitted."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from services.gateway.db.pool import TRANSIENT_ERRORS, Pool
from services.gateway.jobs.domain.events import LeaseExpired, Overran
from services.gateway.jobs.store import repository
from services.gateway.jobs.store.writer import JobWriter

log = structlog.get_logger()


class Reconciler:
    """Runs a pass at an interval: expired leases, overruns, due retries, room on the engines.

    A running stage whose lease has expired fails with the reason `worker_lost` and may be tried again; a
    queued one is made ready, and published again with its next turn, if a worker of its engine is idle. A
    stage beyond its engine's time limit fails with the reason `timed_out`. Stages whose backoff is over
    become ready, and ready stages are admitted as far as the engines have room.

    Safe to run in several gateways: every change is guarded by the job's revision.
    """

    def __init__(
        self,
        pool: Pool,
        writer: JobWriter,
        clock: Callable[[], datetime],
        *,
        interval_seconds: float,
        worker_timeout_seconds: float,
        overrun_grace_seconds: float,
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._clock = clock
        self._interval = interval_seconds
        self._worker_timeout = timedelta(seconds=worker_timeout_seconds)
        self._overrun_grace = overrun_grace_seconds

    async def run(self) -> None:
        while True:
            try:
                await self.reconcile()
            except TRANSIENT_ERRORS as exc:
                log.warning("reconciler.failed", error=str(exc))
            await asyncio.sleep(self._interval)

    async def reconcile(self) -> None:
        """Runs one pass, over 500 expired and 500 overrun stages at most. Raises the database's errors."""
        now = self._clock()
        async with self._pool.acquire() as connection:
            expired = await repository.lease_expired(connection, now, now - self._worker_timeout)
            overrun = await repository.overrun(connection, now, self._overrun_grace)
        await self._end("reconciler.lease_expired", expired, LeaseExpired)
        await self._end("reconciler.stage_overrun", overrun, Overran)
        await self._writer.retry_due()
        await self._writer.schedule()

    async def _end(
        self, name: str, stages: Sequence[tuple[str, str, int]], event: type[LeaseExpired] | type[Overran]
    ) -> None:
        for job_id, stage_id, attempt in stages:
            log.warning(name, job_id=job_id, stage_id=stage_id, attempt=attempt)
        await self._writer.apply((job_id, event(stage_id, attempt)) for job_id, stage_id, attempt in stages)
