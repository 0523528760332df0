"""Who has run what: the rows that say why a video takes its time, and who is told to stop."""

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed, HandedBack, Progressed
from services.gateway.jobs.domain.models import Failure, Outcome
from tests.integration.gateway.writer_harness import WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import BACKOFF, POLICY

TTS = "video_1/tts"
DIED = Failure(Reason.ENGINE_CRASHED, "It died.")


async def outcomes(books: WriterHarness) -> list[tuple[int, str, Outcome | None]]:
    return [(each.attempt, each.worker_id, each.outcome) for each in await books.executions()]


async def let_the_lease_end(books: WriterHarness) -> None:
    books.clock.turn(POLICY.lease_seconds)
    await books.reconcile()


async def test_an_execution_has_a_beginning_and_an_end(books: WriterHarness):
    await books.create()
    began = books.clock.now
    await books.tell(started("tts"))
    (running,) = await books.executions()
    assert (running.stage_id, running.started_at, running.ended_at) == (TTS, began, None)
    books.clock.turn(5)
    await books.tell(completed("tts"))
    (ended,) = await books.executions()
    assert (ended.started_at, ended.ended_at) == (began, books.clock.now)
    assert (ended.outcome, ended.failure) == (Outcome.COMPLETED, None)


async def test_a_stage_that_is_only_asked_for_is_not_executed(books: WriterHarness):
    await books.create()
    assert await books.executions() == []


async def test_each_attempt_has_its_own_with_its_failure(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"), Failed(TTS, 1, "w1", DIED))
    books.clock.turn(BACKOFF.cap_seconds)
    await books.reconcile()
    await books.tell(started("tts", attempt=2, worker="w2"))
    first, second = await books.executions()
    assert (first.outcome, first.failure) == (Outcome.FAILED, DIED)
    assert (second.attempt, second.worker_id, second.outcome) == (2, "w2", None)


async def test_who_falls_silent_is_lost_and_told_to_stop(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    await let_the_lease_end(books)
    (lost,) = await books.executions()
    assert (lost.outcome, lost.ended_at) == (Outcome.LOST, books.clock.now)
    assert lost.failure is not None and lost.failure.reason == Reason.WORKER_LOST
    assert await books.told_to_stop() == [(TTS, 1, "w1")]


async def test_a_late_completion_makes_a_lost_execution_a_completed_one(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    await let_the_lease_end(books)
    await books.tell(started("tts", attempt=2, worker="w2"))
    await books.forget_outbox()
    await books.tell(completed("tts", attempt=1))
    assert await outcomes(books) == [(1, "w1", Outcome.COMPLETED), (2, "w2", Outcome.SUPERSEDED)]
    assert await books.told_to_stop() == [(TTS, 2, "w2")]


async def test_a_worker_to_whom_the_bus_gives_the_stage_anew_supersedes_the_first(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    books.clock.turn(1)
    await books.tell(started("tts", worker="w2"))
    assert await outcomes(books) == [(1, "w1", Outcome.SUPERSEDED), (1, "w2", None)]
    assert await books.told_to_stop() == [(TTS, 1, "w1")]
    await books.tell(Progressed(TTS, 1, "w1", 0.9))
    assert await books.told_to_stop() == [(TTS, 1, "w1")] * 2
    assert (await books.stage("tts")).progress == 0.0


async def test_what_is_handed_back_may_come_to_the_same_worker_again(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"), HandedBack(TTS, 1, "w1"))
    assert await outcomes(books) == [(1, "w1", Outcome.HANDED_BACK)]
    assert (await books.stage("tts")).state == "queued"
    await books.tell(started("tts"))
    assert await outcomes(books) == [(1, "w1", None)]
    assert await books.told_to_stop() == []


async def test_a_cancel_ends_the_execution(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    await books.writer.cancel("default", ["video_1"])
    assert await outcomes(books) == [(1, "w1", Outcome.CANCELLED)]
    assert (await books.told_to_stop(), await books.cancels()) == ([], ["video_1"])


async def test_a_stage_that_runs_past_its_engines_limit_is_ended(books: WriterHarness):
    """Its worker sends heartbeats all the time: its lease never ends."""
    await books.create()
    await books.tell(started("tts"))
    limit = (await books.stage("tts")).timeout_seconds + POLICY.grace_seconds
    books.clock.turn(limit - 1)
    await books.tell(Progressed(TTS, 1, "w1", 0.5))
    await books.reconcile()
    assert (await books.stage("tts")).state == "running"
    books.clock.turn(1)
    await books.reconcile()
    tts = await books.stage("tts")
    assert (tts.attempt, tts.failures) == (2, {Reason.TIMED_OUT: 1})
    (overrun,) = await books.executions()
    assert overrun.outcome == Outcome.FAILED
    assert overrun.failure is not None and overrun.failure.reason == Reason.TIMED_OUT
    assert await books.told_to_stop() == [(TTS, 1, "w1")]


async def test_a_worker_that_comes_back_from_the_dead_is_told_to_stop(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    await let_the_lease_end(books)
    await books.forget_outbox()
    await books.tell(Progressed(TTS, 1, "w1", 0.9))
    assert await books.told_to_stop() == [(TTS, 1, "w1")]
    assert (await books.stage("tts")).attempt == 2


async def test_executions_go_with_their_video(books: WriterHarness):
    await books.create()
    await books.tell(started("tts"))
    await books.writer.delete("default", "video_1")
    assert await books.pool.fetchval("SELECT count(*) FROM executions") == 0
