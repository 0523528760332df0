"""The stream of events sends what the catalogue says, and outlives an outage of the database."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

from services.gateway.db.pool import Pool
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.event_stream import EventStream, StreamedEvent
from services.gateway.jobs.presenter import JobPresenter
from services.gateway.jobs.store.repository import SQL
from services.gateway.jobs.views.event_objects import event_models
from services.gateway.jobs.views.objects import JobObject
from services.gateway.videos.responses import VideoObject
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import Gateway
from tests.integration.gateway.waiting import eventually

WAITING_FOR_STAGES = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock' AND query = $1"
)
"""Counts the connections on which this statement waits for a lock."""


class FailingPresenter:
    """A presenter that cannot reach the database for the first time that it is asked."""

    def __init__(self, presenter: JobPresenter) -> None:
        self._presenter = presenter
        self._failures = [ConnectionResetError("gone"), TimeoutError()]

    async def present(self, job: Job, *, complete: bool = True) -> JobObject:
        if self._failures:
            raise self._failures.pop(0)
        return await self._presenter.present(job, complete=complete)


async def test_every_event_of_the_stream_fits_the_model_of_its_type(gateway: Gateway, workers: FakeWorkers):
    video = await gateway.create(script="Hello.")
    models = event_models("video", VideoObject)
    seen = [data async for _, data in gateway.events(video["id"])]
    for data in seen:
        assert models[data["type"]].model_validate(data).model_dump(mode="json") == data
    assert {"video.queued", "video.completed", "stage.completed"} <= {data["type"] for data in seen}


async def test_a_stream_goes_on_after_an_outage_while_its_events_are_shown(
    gateway: Gateway, workers: FakeWorkers
):
    video = await gateway.ended((await gateway.create(script="Hello."))["id"])
    jobs = gateway.components.jobs
    presenter = cast(JobPresenter, FailingPresenter(jobs.presenter))
    stream = EventStream(jobs.pool, presenter, jobs.notifications)
    followed: AsyncIterator[StreamedEvent | None] = stream.follow("default", video["id"], 0)
    seen = [event async for event in followed]
    assert seen[:2] == [None, None]
    types = [event.type for event in seen[2:] if event is not None]
    assert (types[0], types[-1]) == ("video.queued", "video.completed")


async def test_a_job_that_is_deleted_while_it_is_read_is_not_found(gateway: Gateway, workers: FakeWorkers):
    """The job is deleted between the reading of its row and of its stages."""
    video = await gateway.ended((await gateway.create(script="Hello."))["id"])
    pool: Pool = gateway.components.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE stages IN ACCESS EXCLUSIVE MODE")
        reading = asyncio.create_task(gateway.http.get(f"/v1/videos/{video['id']}/content"))
        await eventually(lambda: pool.fetchval(WAITING_FOR_STAGES, SQL["select_stages"]))
        await connection.execute("DELETE FROM jobs WHERE id = $1", video["id"])
    response = await reading
    assert (response.status_code, response.json()["error"]["code"]) == (404, "video_not_found")
