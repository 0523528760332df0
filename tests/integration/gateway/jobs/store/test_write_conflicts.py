"""Two gateways that have the same video in memory: the tables decide, and nothing is done by halves."""

import asyncio

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed, Progressed
from services.gateway.jobs.domain.models import Failure, Outcome
from tests.integration.gateway.writer_harness import WriterHarness, completed, distinct_job, started

MISSING = Failure(Reason.ARTIFACT_MISSING, "It is gone.")


def second_gateway(books: WriterHarness) -> WriterHarness:
    """One that remembers what it has read."""
    return WriterHarness.opened(books.pool, books.clock, cached_jobs=100)


async def test_what_another_gateway_has_written_is_read_again(books: WriterHarness):
    other = second_gateway(books)
    await other.create()
    await books.tell(started("tts"), completed("tts"))
    await other.tell(started("video"))
    assert await books.states() == ["completed", "running", "waiting"]
    assert [(each.stage_id, each.outcome) for each in await books.executions()] == [
        ("video_1/tts", Outcome.COMPLETED),
        ("video_1/video", None),
    ]


async def test_a_stage_that_ended_elsewhere_does_not_begin_again(books: WriterHarness):
    other = second_gateway(books)
    await other.create()
    await books.tell(started("tts"), completed("tts"))
    before = await books.job()
    await other.tell(started("tts", worker="w2"), Progressed("video_1/tts", 1, "w2", 0.5))
    assert await books.job() == before
    assert await books.told_to_stop() == [("video_1/tts", 1, "w2")] * 2


async def test_a_cancel_elsewhere_is_final(books: WriterHarness):
    other = second_gateway(books)
    await other.create()
    await books.writer.cancel("default", ["video_1"])
    await other.tell(completed("tts"))
    assert await books.states() == ["cancelled", "cancelled", "cancelled"]
    assert len(await books.asked()) == 1


async def test_a_lost_input_is_made_again_once(books: WriterHarness):
    other = second_gateway(books)
    await other.create()
    await other.tell(completed("tts"), started("video"))
    await books.tell(Progressed("video_1/video", 1, "w1", 0.5))
    await other.tell(Failed("video_1/video", 1, "w1", MISSING, missing="default/sha256/tts-out"))
    assert [(stage.name, stage.state) for stage in (await books.job()).stages] == [
        ("scene-0/tts", "completed"),
        ("scene-0/tts#2", "queued"),
        ("scene-0/video", "waiting"),
        ("mux", "waiting"),
    ]


async def test_both_take_in_facts_of_the_same_videos_at_once(books: WriterHarness):
    gateways = [second_gateway(books) for _ in range(3)]
    ids = [f"video_{number}" for number in range(6)]
    for job_id in ids:
        await books.create(job_id, job=distinct_job(job_id))
    for service in ("tts", "video", "mux"):
        for told in (started, completed):
            await asyncio.gather(
                *(
                    gateway.writer.apply((each, told(service, job_id=each)) for each in order)
                    for gateway, order in zip(gateways, (ids, ids[::-1], ids), strict=True)
                )
            )
        while await gateways[0].take_turns():
            pass
    for job_id in ids:
        assert await books.states(job_id) == ["completed"] * 3
        assert (await books.events(job_id)).count("stage.completed") == 3
        assert len(await books.executions(job_id)) == 3


async def test_a_video_that_is_deleted_while_it_is_read_counts_as_deleted(books: WriterHarness):
    """As it is seen if the deletion is committed between the reading of the video and that of its stages."""
    await books.create()
    await books.forget_outbox()
    await books.pool.execute("DELETE FROM stages")
    await books.tell(started("tts"))
    assert await books.cancels() == ["video_1"]
