"""Streams the results of a batch as JSON Lines, in the order of its lines."""

from collections.abc import AsyncIterator

from services.gateway.batches.schemas import ResultLine
from services.gateway.jobs.components import JobComponents
from services.gateway.jobs.store import repository

READ_BATCH_SIZE = 50


async def stream_results(jobs: JobComponents, workspace: str, batch_id: str) -> AsyncIterator[str]:
    """Yields a line for each job that was not deleted, as it is when its line is written."""
    after: str | None = None
    while True:
        async with jobs.pool.acquire() as connection:
            part = repository.Listing(READ_BATCH_SIZE, after, ascending=True)
            found = await repository.list_batch_jobs(connection, workspace, batch_id, part)
        for job, shown in zip(found, await jobs.presenter.present_all(found), strict=True):
            yield ResultLine.of(shown, jobs.kinds.url_of(job.record.kind)).model_dump_json() + "\n"
        if len(found) < READ_BATCH_SIZE:
            return
        after = found[-1].record.id
