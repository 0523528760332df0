"""Failures: tried again after a while, or the end of the video."""

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed
from services.gateway.jobs.domain.models import Failure
from tests.integration.gateway.writer_harness import WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import BACKOFF


def failed(
    service: str, attempt: int = 1, *, reason: Reason = Reason.ENGINE_CRASHED, message: str = "It died."
) -> Failed:
    return Failed(f"video_1/{service}", attempt, "w1", Failure(reason, message))


async def test_a_failed_stage_is_asked_for_again_when_its_backoff_is_over(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"), failed("tts"))
    waiting = await books.stage("tts")
    assert (waiting.state, waiting.attempt, waiting.worker_id) == ("retrying", 2, None)
    assert waiting.not_before is not None and waiting.not_before >= books.clock.now
    books.clock.now = waiting.not_before
    await books.reconcile()
    assert (await books.stage("tts")).state == "queued"
    assert [command.stage.attempt for command in await books.asked()] == [1, 2]
    await books.tell(started("tts", attempt=2), completed("tts", attempt=2))
    tts = await books.stage("tts")
    assert (tts.state, tts.failure) == ("completed", None)


async def test_before_its_backoff_is_over_a_stage_is_left_alone(books: WriterHarness):
    await books.create()
    await books.tell(failed("tts"))
    await books.pool.execute("UPDATE stages SET not_before = not_before + interval '1 hour'")
    await books.reconcile()
    books.clock.turn(3599)
    await books.reconcile()
    assert (await books.stage("tts")).state == "retrying"
    assert len(await books.asked()) == 1


async def test_a_failure_that_no_retry_can_mend_ends_the_video(books: WriterHarness):
    await books.create()
    await books.tell(failed("tts", reason=Reason.FACE_NOT_FOUND))
    job = await books.job()
    assert (job.record.status, job.record.completed_at) == ("failed", books.clock.now)
    assert job.record.failure == Failure("face_not_found", "Stage scene-0/tts (engine): It died.")
    assert [stage.state for stage in job.stages] == ["failed", "cancelled", "cancelled"]
    assert await books.cancels() == ["video_1"]
    assert (await books.events())[-1] == "video.failed"


async def test_attempts_are_used_up(books: WriterHarness):
    await books.create()
    for attempt in range(1, BACKOFF.limit + 1):
        assert (await books.job()).record.status != "failed"
        await books.tell(started("tts", attempt), failed("tts", attempt, message=f"Death {attempt}."))
        books.clock.turn(BACKOFF.cap_seconds)
        await books.reconcile()
    assert len(await books.asked()) == BACKOFF.limit
    job = await books.job()
    assert job.record.failure == Failure("engine_crashed", "Stage scene-0/tts (engine): Death 3.")


async def test_a_failed_video_takes_no_more_results(books: WriterHarness):
    await books.create()
    await books.tell(failed("tts", reason=Reason.FACE_NOT_FOUND))
    before = await books.job()
    await books.tell(completed("tts"))
    books.clock.turn(1000)
    await books.reconcile()
    assert await books.job() == before
    assert len(await books.asked()) == 1
