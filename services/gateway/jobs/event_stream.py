"""Streams a job's events so that a client can resume."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from services.gateway.db.listen import Notifications
from services.gateway.db.pool import TRANSIENT_ERRORS, Pool
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.presenter import JobPresenter
from services.gateway.jobs.store import repository
from services.gateway.jobs.store.repository import EVENTS_CHANNEL, StoredEvent

KEEPALIVE_SECONDS = 15.0
RETRY_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """An event as the client receives it: `data` includes the job."""

    id: int
    type: str
    data: dict[str, Any]


class EventStream:
    """Streams the events of single jobs."""

    def __init__(self, pool: Pool, presenter: JobPresenter, notifications: Notifications) -> None:
        self._pool = pool
        self._presenter = presenter
        self._notifications = notifications

    async def follow(self, workspace_id: str, job_id: str, after: int) -> AsyncIterator[StreamedEvent | None]:
        """Yields events after the id `after`, each with the job as it is now, until the job has ended.

        Yields `None` when nothing has happened for a while. Each event id comes once, in order.
        """
        with self._notifications.subscribe(EVENTS_CHANNEL, job_id) as wakeups:
            while True:
                try:
                    job, stored = await self._read(workspace_id, job_id, after)
                    events = await self._present(job, stored) if job is not None else ()
                except TRANSIENT_ERRORS as exc:
                    log.warning("event.not_read", job_id=job_id, error=str(exc))
                    yield None
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                if job is None:
                    return
                for streamed in events:
                    after = streamed.id
                    yield streamed
                if not events and job.record.status.terminal:
                    return
                if not events and not await wakeups.wait(KEEPALIVE_SECONDS):
                    yield None

    async def _read(
        self, workspace_id: str, job_id: str, after: int
    ) -> tuple[Job | None, Sequence[StoredEvent]]:
        # One snapshot: an event must not come with a job that has not seen it yet.
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            job = await repository.find_job(connection, workspace_id, job_id)
            return job, await repository.events_after(connection, job_id, after)

    async def _present(self, job: Job, events: Sequence[StoredEvent]) -> Sequence[StreamedEvent]:
        """Returns the events with the job, each as `event_models` describes it. Reads the queues."""
        if not events:
            return ()
        shown = (await self._presenter.present(job, complete=False)).model_dump(mode="json")
        return [
            StreamedEvent(event.id, event.type, {**event.data, "type": event.type, job.record.kind: shown})
            for event in events
        ]
