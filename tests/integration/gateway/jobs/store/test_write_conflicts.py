"""Two gateways that have cached the same job: the tables decide, and no update is partial."""

import asyncio

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed, Progressed
from services.gateway.jobs.domain.models import Failure, Outcome
from tests.integration.gateway.writer_harness import WriterHarness, completed, distinct_job, started

MISSING = Failure(Reason.ARTIFACT_MISSING, "It is gone.")


def second_gateway(harness: WriterHarness) -> WriterHarness:
    """Opens a second writer with a cache."""
    return WriterHarness.open(harness.pool, harness.clock, cached_jobs=100)


async def test_a_job_that_another_gateway_has_changed_is_read_again(harness: WriterHarness):
    other = second_gateway(harness)
    await other.create()
    await harness.apply(started("tts"), completed("tts"))
    await other.apply(started("video"))
    assert await harness.states() == ["completed", "running", "waiting"]
    assert [(each.stage_id, each.outcome) for each in await harness.executions()] == [
        ("video_1/tts", Outcome.COMPLETED),
        ("video_1/video", None),
    ]


async def test_a_stage_that_ended_in_another_gateway_does_not_start_again(harness: WriterHarness):
    other = second_gateway(harness)
    await other.create()
    await harness.apply(started("tts"), completed("tts"))
    before = await harness.job()
    await other.apply(started("tts", worker="w2"), Progressed("video_1/tts", 1, "w2", 0.5))
    assert await harness.job() == before
    assert await harness.stage_cancellations() == [("video_1/tts", 1, "w2")] * 2


async def test_a_cancel_in_another_gateway_is_final(harness: WriterHarness):
    other = second_gateway(harness)
    await other.create()
    await harness.writer.cancel("default", ["video_1"])
    await other.apply(completed("tts"))
    assert await harness.states() == ["cancelled", "cancelled", "cancelled"]
    assert len(await harness.commands()) == 1


async def test_a_lost_input_is_made_again_once(harness: WriterHarness):
    other = second_gateway(harness)
    await other.create()
    await other.apply(completed("tts"), started("video"))
    await harness.apply(Progressed("video_1/video", 1, "w1", 0.5))
    await other.apply(Failed("video_1/video", 1, "w1", MISSING, missing="default/sha256/tts-out"))
    assert [(stage.name, stage.state) for stage in (await harness.job()).stages] == [
        ("scene-0/tts", "completed"),
        ("scene-0/tts#2", "queued"),
        ("scene-0/video", "waiting"),
        ("mux", "waiting"),
    ]


async def test_several_gateways_apply_statuses_of_the_same_jobs_at_once(harness: WriterHarness):
    gateways = [second_gateway(harness) for _ in range(3)]
    ids = [f"video_{number}" for number in range(6)]
    for job_id in ids:
        await harness.create(job_id, job=distinct_job(job_id))
    for service in ("tts", "video", "mux"):
        for event_of in (started, completed):
            await asyncio.gather(
                *(
                    gateway.writer.apply((each, event_of(service, job_id=each)) for each in order)
                    for gateway, order in zip(gateways, (ids, ids[::-1], ids), strict=True)
                )
            )
        while await gateways[0].schedule():
            pass
    for job_id in ids:
        assert await harness.states(job_id) == ["completed"] * 3
        assert (await harness.events(job_id)).count("stage.completed") == 3
        assert len(await harness.executions(job_id)) == 3


async def test_a_job_that_is_deleted_while_it_is_read_counts_as_deleted(harness: WriterHarness):
    """The deletion may be committed between the queries for the job and for its stages."""
    await harness.create()
    await harness.clear_outbox()
    await harness.pool.execute("DELETE FROM stages")
    await harness.apply(started("tts"))
    assert await harness.job_cancellations() == ["video_1"]
