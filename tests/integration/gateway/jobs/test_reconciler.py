"""The reconciler recovers stages whose worker or command was lost."""

import asyncio

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Progressed
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WORKER_TIMEOUT_SECONDS, WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import BACKOFF, POLICY


async def test_a_running_stage_with_an_expired_lease_gets_a_new_attempt(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts", worker="w7"))
    harness.clock.advance(POLICY.lease_seconds)
    await harness.reconcile()
    tts = await harness.stage("tts")
    assert (tts.state, tts.attempt, tts.worker_id) == ("queued", 2, None)
    assert tts.failure is not None
    assert (tts.failure.reason, "w7" in tts.failure.message) == (Reason.WORKER_LOST, True)
    assert [command.stage.attempt for command in await harness.commands()] == [1, 2]


async def test_a_late_completion_of_a_lost_worker_counts(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    harness.clock.advance(POLICY.lease_seconds)
    await harness.reconcile()
    await harness.apply(completed("tts", attempt=1))
    assert await harness.states() == ["completed", "queued", "waiting"]


async def test_heartbeats_renew_the_lease(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    for _ in range(3):
        harness.clock.advance(POLICY.lease_seconds - 1)
        await harness.apply(Progressed("video_1/tts", 1, "w1", 0.0))
        await harness.reconcile()
    assert (await harness.stage("tts")).attempt == 1
    assert await harness.states() == ["running", "waiting", "waiting"]


async def test_too_many_lost_workers_fail_the_job(harness: WriterHarness):
    await harness.create()
    for attempt in range(1, BACKOFF.limit + 1):
        await harness.apply(started("tts", attempt))
        harness.clock.advance(POLICY.lease_seconds)
        await harness.reconcile()
    job = await harness.job()
    assert (job.record.status, job.stages[0].attempt) == ("failed", BACKOFF.limit)
    assert await harness.job_cancellations() == ["video_1"]


async def test_a_queued_stage_is_published_again_only_while_a_worker_of_its_engine_is_idle(
    harness: WriterHarness,
):
    await harness.create()
    harness.clock.advance(POLICY.lease_seconds)
    await harness.reconcile()
    await harness.add_worker(idle=False)
    await harness.add_worker(idle=True, service="video")
    await harness.reconcile()
    assert len(await harness.commands()) == 1
    await harness.add_worker(idle=True)
    await harness.reconcile()
    again = await harness.commands()
    assert [command.stage.attempt for command in again] == [1, 1]
    assert (await harness.stage("tts")).state == "queued"


async def test_a_silent_worker_does_not_count_as_idle(harness: WriterHarness):
    await harness.create()
    harness.clock.advance(POLICY.lease_seconds)
    await harness.add_worker(idle=True, silent_seconds=WORKER_TIMEOUT_SECONDS)
    await harness.reconcile()
    assert len(await harness.commands()) == 1


async def test_a_republished_stage_has_a_new_lease(harness: WriterHarness):
    await harness.create()
    await harness.add_worker(idle=True)
    harness.clock.advance(POLICY.lease_seconds)
    await harness.add_worker(idle=True)
    await harness.reconcile()
    await harness.reconcile()
    assert len(await harness.commands()) == 2


async def test_two_reconcilers_at_once_give_a_stage_one_new_attempt(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    harness.clock.advance(POLICY.lease_seconds)
    rival = WriterHarness.open(harness.pool, harness.clock)
    async with harness.pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT * FROM jobs FOR UPDATE")
        passes = [asyncio.create_task(each.reconcile()) for each in (harness, rival)]
        await eventually(lambda: harness.waiting_for_locks(2))
    await asyncio.gather(*passes)
    assert (await harness.stage("tts")).attempt == 2
    assert len(await harness.commands()) == 2
