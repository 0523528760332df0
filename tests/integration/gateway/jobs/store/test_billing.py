"""Billing: at most one stage of each action key is billable."""

import asyncio
from dataclasses import replace

from services.gateway.jobs.domain.models import Stage
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, completed
from tests.unit.gateway.jobs.job_examples import build_job

IDS = ("video_1", "video_2", "video_3")


async def first_stages(harness: WriterHarness) -> list[Stage]:
    """Returns the first stages of all jobs. Their key must be the same, and none may be a cache hit."""
    stages = [await harness.stage("tts", job_id) for job_id in IDS]
    assert len({stage.action_key for stage in stages}) == 1
    assert [(stage.state, stage.cache) for stage in stages] == [("completed", "miss")] * 3
    return stages


async def create_equal_jobs(harness: WriterHarness) -> None:
    """Creates jobs with the same work. Only the first is admitted, but a worker may have late commands of the
    others that were thought lost."""
    for job_id in IDS:
        await harness.create(job_id)


async def test_one_of_several_completions_in_a_batch_is_billed(harness: WriterHarness):
    await create_equal_jobs(harness)
    await harness.writer.apply((job_id, completed("tts", job_id=job_id)) for job_id in IDS)
    assert [stage.billable for stage in await first_stages(harness)] == [True, False, False]


async def test_one_of_several_completions_in_different_gateways_is_billed(harness: WriterHarness):
    """All have computed their updates, and wait for each other to write them."""
    await create_equal_jobs(harness)
    gateways = [harness, *(WriterHarness.open(harness.pool, harness.clock) for _ in IDS[1:])]
    async with harness.pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT * FROM jobs FOR UPDATE")
        telling = [
            asyncio.create_task(gateway.apply(completed("tts", job_id=job_id), job_id=job_id))
            for gateway, job_id in zip(gateways, IDS, strict=True)
        ]
        await eventually(lambda: harness.waiting_for_locks(3))
    await asyncio.gather(*telling)
    assert sum(stage.billable for stage in await first_stages(harness)) == 1
    assert await harness.pool.fetchval("SELECT count(*) FROM executions WHERE outcome = 'completed'") == 3


async def test_stages_that_bypass_the_cache_are_billed_each_time(harness: WriterHarness):
    job = build_job()
    forced = replace(job, stages=tuple(replace(stage, no_cache=True) for stage in job.stages))
    for job_id in IDS:
        await harness.create(job_id, job=forced)
        await harness.apply(completed("tts", job_id=job_id), job_id=job_id)
    assert [(await harness.stage("tts", job_id)).billable for job_id in IDS] == [True, True, True]


async def test_a_cache_hit_is_not_billed(harness: WriterHarness):
    await harness.create()
    await harness.apply(completed("tts"))
    again = (await harness.create("video_2")).stages[0]
    assert (again.cache, again.billable) == ("hit", False)
