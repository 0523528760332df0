"""Failed stages are retried after a backoff, or fail the job."""

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed
from services.gateway.jobs.domain.models import Failure
from tests.integration.gateway.writer_harness import WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import BACKOFF


def failed(
    service: str, attempt: int = 1, *, reason: Reason = Reason.ENGINE_CRASHED, message: str = "It died."
) -> Failed:
    return Failed(f"video_1/{service}", attempt, "w1", Failure(reason, message))


async def test_a_failed_stage_is_queued_again_after_its_backoff(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"), failed("tts"))
    waiting = await harness.stage("tts")
    assert (waiting.state, waiting.attempt, waiting.worker_id) == ("retrying", 2, None)
    assert waiting.not_before is not None and waiting.not_before >= harness.clock.now
    harness.clock.now = waiting.not_before
    await harness.reconcile()
    assert (await harness.stage("tts")).state == "queued"
    assert [command.stage.attempt for command in await harness.commands()] == [1, 2]
    await harness.apply(started("tts", attempt=2), completed("tts", attempt=2))
    tts = await harness.stage("tts")
    assert (tts.state, tts.failure) == ("completed", None)


async def test_a_stage_is_not_retried_before_its_backoff_is_over(harness: WriterHarness):
    await harness.create()
    await harness.apply(failed("tts"))
    await harness.pool.execute("UPDATE stages SET not_before = not_before + interval '1 hour'")
    await harness.reconcile()
    harness.clock.advance(3599)
    await harness.reconcile()
    assert (await harness.stage("tts")).state == "retrying"
    assert len(await harness.commands()) == 1


async def test_a_permanent_failure_ends_the_job(harness: WriterHarness):
    await harness.create()
    await harness.apply(failed("tts", reason=Reason.FACE_NOT_FOUND))
    job = await harness.job()
    assert (job.record.status, job.record.completed_at) == ("failed", harness.clock.now)
    assert job.record.failure == Failure("face_not_found", "Stage scene-0/tts (engine): It died.")
    assert [stage.state for stage in job.stages] == ["failed", "cancelled", "cancelled"]
    assert await harness.job_cancellations() == ["video_1"]
    assert (await harness.events())[-1] == "video.failed"


async def test_exhausted_attempts_fail_the_job(harness: WriterHarness):
    await harness.create()
    for attempt in range(1, BACKOFF.limit + 1):
        assert (await harness.job()).record.status != "failed"
        await harness.apply(started("tts", attempt), failed("tts", attempt, message=f"Death {attempt}."))
        harness.clock.advance(BACKOFF.cap_seconds)
        await harness.reconcile()
    assert len(await harness.commands()) == BACKOFF.limit
    job = await harness.job()
    assert job.record.failure == Failure("engine_crashed", "Stage scene-0/tts (engine): Death 3.")


async def test_a_failed_job_ignores_late_results(harness: WriterHarness):
    await harness.create()
    await harness.apply(failed("tts", reason=Reason.FACE_NOT_FOUND))
    before = await harness.job()
    await harness.apply(completed("tts"))
    harness.clock.advance(1000)
    await harness.reconcile()
    assert await harness.job() == before
    assert len(await harness.commands()) == 1
