"""Each action key makes at most one billable result, however many stages come to make it."""

import asyncio
from dataclasses import replace

from services.gateway.jobs.domain.models import Stage
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, completed
from tests.unit.gateway.jobs.job_examples import build_job

IDS = ("video_1", "video_2", "video_3")


async def speeches(books: WriterHarness) -> list[Stage]:
    """The first stages, all with the same key; none is a cache hit."""
    stages = [await books.stage("tts", job_id) for job_id in IDS]
    assert len({stage.action_key for stage in stages}) == 1
    assert [(stage.state, stage.cache) for stage in stages] == [("completed", "miss")] * 3
    return stages


async def create_all(books: WriterHarness) -> None:
    """Only the first is asked for, but a worker may have got hold of the others as well: their messages
    were thought lost, say."""
    for job_id in IDS:
        await books.create(job_id)


async def test_completions_in_one_batch(books: WriterHarness):
    await create_all(books)
    await books.writer.apply((job_id, completed("tts", job_id=job_id)) for job_id in IDS)
    assert [stage.billable for stage in await speeches(books)] == [True, False, False]


async def test_completions_in_several_gateways_at_once(books: WriterHarness):
    """They have all decided, and wait for each other to write it."""
    await create_all(books)
    gateways = [books, *(WriterHarness.opened(books.pool, books.clock) for _ in IDS[1:])]
    async with books.pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT * FROM jobs FOR UPDATE")
        telling = [
            asyncio.create_task(gateway.tell(completed("tts", job_id=job_id), job_id=job_id))
            for gateway, job_id in zip(gateways, IDS, strict=True)
        ]
        await eventually(lambda: books.waiting_for_locks(3))
    await asyncio.gather(*telling)
    assert sum(stage.billable for stage in await speeches(books)) == 1
    assert await books.pool.fetchval("SELECT count(*) FROM executions WHERE outcome = 'completed'") == 3


async def test_what_was_asked_to_be_made_anew_is_billed_each_time(books: WriterHarness):
    job = build_job()
    forced = replace(job, stages=tuple(replace(stage, no_cache=True) for stage in job.stages))
    for job_id in IDS:
        await books.create(job_id, job=forced)
        await books.tell(completed("tts", job_id=job_id), job_id=job_id)
    assert [(await books.stage("tts", job_id)).billable for job_id in IDS] == [True, True, True]


async def test_a_cache_hit_is_not_billed(books: WriterHarness):
    await books.create()
    await books.tell(completed("tts"))
    again = (await books.create("video_2")).stages[0]
    assert (again.cache, again.billable) == ("hit", False)
