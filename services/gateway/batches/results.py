"""The results of a batch as JSON Lines, in the order of its lines."""

from collections.abc import AsyncIterator

from services.gateway.batches.schemas import ResultLine
from services.gateway.components import Components
from services.gateway.jobs.store import repository
from services.gateway.videos.presenter import Presenter

PAGE = 50


async def stream_results(components: Components, workspace: str, batch_id: str) -> AsyncIterator[str]:
    """A line for each video that was not deleted, as it is when its turn comes."""
    presenter = Presenter(components)
    after: str | None = None
    while True:
        async with components.pool.acquire() as connection:
            part = repository.Listing(PAGE, after, ascending=True)
            jobs = await repository.list_batch_jobs(connection, workspace, batch_id, part)
        for video in await presenter.present_all(jobs):
            yield ResultLine.of(video).model_dump_json() + "\n"
        if len(jobs) < PAGE:
            return
        after = jobs[-1].video.id
