"""Cancelling and deleting: at once in the tables, and told to the workers until they hear it."""

import pytest

from services.gateway.jobs.domain.events import Progressed, StageEvent
from tests.integration.gateway.writer_harness import WriterHarness, completed, started

BEAT = Progressed("video_1/tts", 1, "w1", 0.5)


async def test_a_cancel_ends_every_open_stage(books: WriterHarness):
    await books.create()
    await books.tell(completed("tts"))
    (job,) = await books.writer.cancel("default", ["video_1"])
    assert job == await books.job()
    assert job.record.status == "cancelled"
    assert [stage.state for stage in job.stages] == ["completed", "cancelled", "cancelled"]
    assert await books.cancels() == ["video_1"]


async def test_a_second_cancel_changes_nothing(books: WriterHarness):
    await books.create()
    first = await books.writer.cancel("default", ["video_1"])
    books.clock.turn(5)
    assert await books.writer.cancel("default", ["video_1"]) == first
    assert await books.cancels() == ["video_1"]


async def test_a_completed_video_stays_completed(books: WriterHarness):
    await books.create()
    for service in ("tts", "video", "mux"):
        await books.tell(completed(service))
    (job,) = await books.writer.cancel("default", ["video_1"])
    assert job.record.status == "completed"
    assert await books.cancels() == []


@pytest.mark.parametrize("event", [started("tts"), BEAT], ids=["started", "progressed"])
async def test_a_worker_that_works_for_a_cancelled_video_is_told_again(
    books: WriterHarness, event: StageEvent
):
    await books.create()
    await books.writer.cancel("default", ["video_1"])
    await books.forget_outbox()
    await books.tell(event)
    assert await books.cancels() == ["video_1"]
    assert await books.states() == ["cancelled", "cancelled", "cancelled"]


@pytest.mark.parametrize("event", [started("tts"), BEAT], ids=["started", "progressed"])
async def test_a_worker_that_works_for_a_deleted_video_is_told_again(books: WriterHarness, event: StageEvent):
    """Its message may still have been on the bus when the video was deleted."""
    await books.create()
    assert await books.writer.delete("default", "video_1")
    await books.forget_outbox()
    await books.tell(event)
    assert await books.cancels() == ["video_1"]


async def test_a_result_for_a_cancelled_video_is_not_kept(books: WriterHarness):
    await books.create()
    await books.writer.cancel("default", ["video_1"])
    await books.tell(completed("tts"))
    assert (await books.stage("tts")).outputs == {}
    assert await books.states() == ["cancelled", "cancelled", "cancelled"]


async def test_a_deleted_video_is_gone_from_every_table_but_workers_hear_of_it(books: WriterHarness):
    await books.create()
    await books.forget_outbox()
    assert await books.writer.delete("default", "video_1")
    for table in ("jobs", "stages", "events"):
        assert await books.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await books.cancels() == ["video_1"]
    assert not await books.writer.delete("default", "video_1")


async def test_another_workspace_can_neither_cancel_nor_delete(books: WriterHarness):
    before = await books.create()
    assert await books.writer.cancel("other", ["video_1"]) == []
    assert not await books.writer.delete("other", "video_1")
    assert await books.job() == before
    assert await books.cancels() == []
