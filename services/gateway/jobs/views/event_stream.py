"""The events of a video as a stream that a client can resume."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from services.gateway.components import Components
from services.gateway.db.pool import UNREACHABLE_ERRORS
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.store import repository
from services.gateway.jobs.store.repository import EVENTS_CHANNEL, StoredEvent
from services.gateway.videos.presenter import Presenter

KEEPALIVE_SECONDS = 15.0
RETRY_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    id: int
    type: str
    data: dict[str, Any]


async def follow(
    components: Components, workspace: str, video_id: str, after: int
) -> AsyncIterator[StreamedEvent | None]:
    """Events after the id `after`, each with the video as it is now, until the video has ended.

    `None` says that nothing has happened for a while. Each event id is seen once, in order.
    """
    presenter = Presenter(components)
    with components.notifications.subscribe(EVENTS_CHANNEL, video_id) as wakeups:
        while True:
            try:
                job, events = await read(components, workspace, video_id, after)
            except UNREACHABLE_ERRORS as exc:
                log.warning("events_not_read", video_id=video_id, error=str(exc))
                yield None
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if job is None:
                return
            async for streamed in present(presenter, job, events):
                after = streamed.id
                yield streamed
            if not events and job.video.status.terminal:
                return
            if not events and not await wakeups.wait(KEEPALIVE_SECONDS):
                yield None


async def read(
    components: Components, workspace: str, video_id: str, after: int
) -> tuple[Job | None, Sequence[StoredEvent]]:
    """In one snapshot: an event must not come with a video that has not seen it yet."""
    async with (
        components.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        job = await repository.find_job(connection, workspace, video_id)
        return job, await repository.events_after(connection, video_id, after)


async def present(
    presenter: Presenter, job: Job, events: Sequence[StoredEvent]
) -> AsyncIterator[StreamedEvent]:
    if events:
        video = (await presenter.present(job)).model_dump(mode="json")
        for event in events:
            yield StreamedEvent(event.id, event.type, {**event.data, "type": event.type, "video": video})
