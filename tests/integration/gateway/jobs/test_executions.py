"""Executions of stages in the tables, and cancellations of single executions."""

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed, HandedBack, Progressed
from services.gateway.jobs.domain.models import Failure, Outcome
from tests.integration.gateway.writer_harness import WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import BACKOFF, POLICY

TTS = "video_1/tts"
DIED = Failure(Reason.ENGINE_CRASHED, "It died.")


async def outcomes(harness: WriterHarness) -> list[tuple[int, str, Outcome | None]]:
    return [(each.attempt, each.worker_id, each.outcome) for each in await harness.executions()]


async def expire_lease(harness: WriterHarness) -> None:
    harness.clock.advance(POLICY.lease_seconds)
    await harness.reconcile()


async def test_an_execution_has_a_beginning_and_an_end(harness: WriterHarness):
    await harness.create()
    began = harness.clock.now
    await harness.apply(started("tts"))
    (running,) = await harness.executions()
    assert (running.stage_id, running.started_at, running.ended_at) == (TTS, began, None)
    harness.clock.advance(5)
    await harness.apply(completed("tts"))
    (ended,) = await harness.executions()
    assert (ended.started_at, ended.ended_at) == (began, harness.clock.now)
    assert (ended.outcome, ended.failure) == (Outcome.COMPLETED, None)


async def test_a_queued_stage_has_no_execution(harness: WriterHarness):
    await harness.create()
    assert await harness.executions() == []


async def test_each_attempt_has_an_execution_with_its_failure(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"), Failed(TTS, 1, "w1", DIED))
    harness.clock.advance(BACKOFF.cap_seconds)
    await harness.reconcile()
    await harness.apply(started("tts", attempt=2, worker="w2"))
    first, second = await harness.executions()
    assert (first.outcome, first.failure) == (Outcome.FAILED, DIED)
    assert (second.attempt, second.worker_id, second.outcome) == (2, "w2", None)


async def test_a_silent_worker_counts_as_lost_and_is_told_to_stop(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    await expire_lease(harness)
    (lost,) = await harness.executions()
    assert (lost.outcome, lost.ended_at) == (Outcome.LOST, harness.clock.now)
    assert lost.failure is not None and lost.failure.reason == Reason.WORKER_LOST
    assert await harness.stage_cancellations() == [(TTS, 1, "w1")]


async def test_a_late_completion_makes_a_lost_execution_a_completed_one(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    await expire_lease(harness)
    await harness.apply(started("tts", attempt=2, worker="w2"))
    await harness.clear_outbox()
    await harness.apply(completed("tts", attempt=1))
    assert await outcomes(harness) == [(1, "w1", Outcome.COMPLETED), (2, "w2", Outcome.SUPERSEDED)]
    assert await harness.stage_cancellations() == [(TTS, 2, "w2")]


async def test_a_worker_that_gets_a_redelivered_stage_supersedes_the_first(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    harness.clock.advance(1)
    await harness.apply(started("tts", worker="w2"))
    assert await outcomes(harness) == [(1, "w1", Outcome.SUPERSEDED), (1, "w2", None)]
    assert await harness.stage_cancellations() == [(TTS, 1, "w1")]
    await harness.apply(Progressed(TTS, 1, "w1", 0.9))
    assert await harness.stage_cancellations() == [(TTS, 1, "w1")] * 2
    assert (await harness.stage("tts")).progress == 0.0


async def test_a_handed_back_stage_may_go_to_the_same_worker_again(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"), HandedBack(TTS, 1, "w1"))
    assert await outcomes(harness) == [(1, "w1", Outcome.HANDED_BACK)]
    assert (await harness.stage("tts")).state == "queued"
    await harness.apply(started("tts"))
    assert await outcomes(harness) == [(1, "w1", None)]
    assert await harness.stage_cancellations() == []


async def test_a_cancel_ends_the_execution(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    await harness.writer.cancel("default", ["video_1"])
    assert await outcomes(harness) == [(1, "w1", Outcome.CANCELLED)]
    assert (await harness.stage_cancellations(), await harness.job_cancellations()) == ([], ["video_1"])


async def test_a_stage_that_runs_past_its_engines_limit_is_ended(harness: WriterHarness):
    """The worker sends heartbeats all the time, so the lease never expires."""
    await harness.create()
    await harness.apply(started("tts"))
    limit = (await harness.stage("tts")).timeout_seconds + POLICY.grace_seconds
    harness.clock.advance(limit - 1)
    await harness.apply(Progressed(TTS, 1, "w1", 0.5))
    await harness.reconcile()
    assert (await harness.stage("tts")).state == "running"
    harness.clock.advance(1)
    await harness.reconcile()
    tts = await harness.stage("tts")
    assert (tts.attempt, tts.failures) == (2, {Reason.TIMED_OUT: 1})
    (overrun,) = await harness.executions()
    assert overrun.outcome == Outcome.FAILED
    assert overrun.failure is not None and overrun.failure.reason == Reason.TIMED_OUT
    assert await harness.stage_cancellations() == [(TTS, 1, "w1")]


async def test_a_lost_worker_that_reports_again_is_told_to_stop(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    await expire_lease(harness)
    await harness.clear_outbox()
    await harness.apply(Progressed(TTS, 1, "w1", 0.9))
    assert await harness.stage_cancellations() == [(TTS, 1, "w1")]
    assert (await harness.stage("tts")).attempt == 2


async def test_executions_are_deleted_with_their_job(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts"))
    await harness.writer.delete("default", "video_1")
    assert await harness.pool.fetchval("SELECT count(*) FROM executions") == 0
