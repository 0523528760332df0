"""What nobody speaks for any more is found again."""

import asyncio

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Progressed
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WORKER_TIMEOUT_SECONDS, WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import BACKOFF, POLICY


async def test_a_running_stage_whose_lease_expires_is_attempted_anew(books: WriterHarness):
    await books.create()
    await books.tell(started("tts", worker="w7"))
    books.clock.turn(POLICY.lease_seconds)
    await books.reconcile()
    tts = await books.stage("tts")
    assert (tts.state, tts.attempt, tts.worker_id) == ("queued", 2, None)
    assert tts.failure is not None
    assert (tts.failure.reason, "w7" in tts.failure.message) == (Reason.WORKER_LOST, True)
    assert [command.stage.attempt for command in await books.asked()] == [1, 2]


async def test_a_lost_worker_that_completes_after_all_is_believed(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    books.clock.turn(POLICY.lease_seconds)
    await books.reconcile()
    await books.tell(completed("tts", attempt=1))
    assert await books.states() == ["completed", "queued", "waiting"]


async def test_heartbeats_keep_the_lease(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    for _ in range(3):
        books.clock.turn(POLICY.lease_seconds - 1)
        await books.tell(Progressed("video_1/tts", 1, "w1", 0.0))
        await books.reconcile()
    assert (await books.stage("tts")).attempt == 1
    assert await books.states() == ["running", "waiting", "waiting"]


async def test_a_worker_lost_too_often_fails_the_video(books: WriterHarness):
    await books.create()
    for attempt in range(1, BACKOFF.limit + 1):
        await books.tell(started("tts", attempt))
        books.clock.turn(POLICY.lease_seconds)
        await books.reconcile()
    job = await books.job()
    assert (job.record.status, job.stages[0].attempt) == ("failed", BACKOFF.limit)
    assert await books.cancels() == ["video_1"]


async def test_a_queued_stage_is_asked_for_again_only_while_a_worker_of_its_engine_is_idle(
    books: WriterHarness,
):
    await books.create()
    books.clock.turn(POLICY.lease_seconds)
    await books.reconcile()
    await books.add_worker(idle=False)
    await books.add_worker(idle=True, service="video")
    await books.reconcile()
    assert len(await books.asked()) == 1
    await books.add_worker(idle=True)
    await books.reconcile()
    again = await books.asked()
    assert [command.stage.attempt for command in again] == [1, 1]
    assert (await books.stage("tts")).state == "queued"


async def test_a_worker_that_has_fallen_silent_does_not_count_as_idle(books: WriterHarness):
    await books.create()
    books.clock.turn(POLICY.lease_seconds)
    await books.add_worker(idle=True, silent_seconds=WORKER_TIMEOUT_SECONDS)
    await books.reconcile()
    assert len(await books.asked()) == 1


async def test_what_has_been_asked_for_again_has_a_lease_of_its_own(books: WriterHarness):
    await books.create()
    await books.add_worker(idle=True)
    books.clock.turn(POLICY.lease_seconds)
    await books.add_worker(idle=True)
    await books.reconcile()
    await books.reconcile()
    assert len(await books.asked()) == 2


async def test_two_reconcilers_at_once_give_a_stage_one_new_attempt(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    books.clock.turn(POLICY.lease_seconds)
    rival = WriterHarness.opened(books.pool, books.clock)
    async with books.pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT * FROM jobs FOR UPDATE")
        passes = [asyncio.create_task(each.reconcile()) for each in (books, rival)]
        await eventually(lambda: books.waiting_for_locks(2))
    await asyncio.gather(*passes)
    assert (await books.stage("tts")).attempt == 2
    assert len(await books.asked()) == 2
