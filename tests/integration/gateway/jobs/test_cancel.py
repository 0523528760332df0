"""Cancelling and deleting jobs: immediate in the tables, and repeated to workers that still report."""

import pytest

from services.gateway.jobs.domain.events import Progressed, StageEvent
from tests.integration.gateway.writer_harness import WriterHarness, completed, started

BEAT = Progressed("video_1/tts", 1, "w1", 0.5)


async def test_a_cancel_ends_every_open_stage(harness: WriterHarness):
    await harness.create()
    await harness.apply(completed("tts"))
    (job,) = await harness.writer.cancel("default", ["video_1"])
    assert job == await harness.job()
    assert job.record.status == "cancelled"
    assert [stage.state for stage in job.stages] == ["completed", "cancelled", "cancelled"]
    assert await harness.job_cancellations() == ["video_1"]


async def test_a_second_cancel_changes_nothing(harness: WriterHarness):
    await harness.create()
    first = await harness.writer.cancel("default", ["video_1"])
    harness.clock.advance(5)
    assert await harness.writer.cancel("default", ["video_1"]) == first
    assert await harness.job_cancellations() == ["video_1"]


async def test_a_completed_job_stays_completed(harness: WriterHarness):
    await harness.create()
    for service in ("tts", "video", "mux"):
        await harness.apply(completed(service))
    (job,) = await harness.writer.cancel("default", ["video_1"])
    assert job.record.status == "completed"
    assert await harness.job_cancellations() == []


@pytest.mark.parametrize("event", [started("tts"), BEAT], ids=["started", "progressed"])
async def test_a_worker_of_a_cancelled_job_is_told_to_stop_again(harness: WriterHarness, event: StageEvent):
    await harness.create()
    await harness.writer.cancel("default", ["video_1"])
    await harness.clear_outbox()
    await harness.apply(event)
    assert await harness.job_cancellations() == ["video_1"]
    assert await harness.states() == ["cancelled", "cancelled", "cancelled"]


@pytest.mark.parametrize("event", [started("tts"), BEAT], ids=["started", "progressed"])
async def test_a_worker_of_a_deleted_job_is_told_to_stop_again(harness: WriterHarness, event: StageEvent):
    """The command may still have been on the bus when the job was deleted."""
    await harness.create()
    assert await harness.writer.delete("default", "video_1")
    await harness.clear_outbox()
    await harness.apply(event)
    assert await harness.job_cancellations() == ["video_1"]


async def test_a_result_for_a_cancelled_job_is_not_kept(harness: WriterHarness):
    await harness.create()
    await harness.writer.cancel("default", ["video_1"])
    await harness.apply(completed("tts"))
    assert (await harness.stage("tts")).outputs == {}
    assert await harness.states() == ["cancelled", "cancelled", "cancelled"]


async def test_a_deleted_job_is_gone_from_every_table_and_its_workers_are_told_to_stop(
    harness: WriterHarness,
):
    await harness.create()
    await harness.clear_outbox()
    assert await harness.writer.delete("default", "video_1")
    for table in ("jobs", "stages", "events"):
        assert await harness.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await harness.job_cancellations() == ["video_1"]
    assert not await harness.writer.delete("default", "video_1")


async def test_another_workspace_can_neither_cancel_nor_delete(harness: WriterHarness):
    before = await harness.create()
    assert await harness.writer.cancel("other", ["video_1"]) == []
    assert not await harness.writer.delete("other", "video_1")
    assert await harness.job() == before
    assert await harness.job_cancellations() == []
