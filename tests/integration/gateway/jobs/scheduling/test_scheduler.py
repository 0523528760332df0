"""Who goes first when there is not room for all."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from services.gateway.jobs.domain.events import Completed
from services.gateway.jobs.domain.models import Job, Priority
from services.gateway.jobs.scheduling.admission import WITHOUT_WORKERS, places
from services.gateway.jobs.scheduling.round_robin import BATCH_TURN
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, completed, distinct_job, renamed
from tests.unit.gateway.jobs.job_examples import build_artifact, build_job

BATCH = Priority.BATCH


async def queue(
    books: WriterHarness,
    count: int,
    workspace: str = "default",
    priority: Priority = Priority.INTERACTIVE,
    name: str = "",
) -> list[str]:
    """Ids of new videos, each with a first stage of its own for the same engine."""
    ids = [f"{name or workspace}-{priority.name}-{number}" for number in range(count)]
    jobs = [renamed(distinct_job(job_id, priority), job_id, workspace, books.clock.now) for job_id in ids]
    await books.writer.create(jobs)
    return ids


async def asked_videos(books: WriterHarness) -> list[str]:
    """Videos in the order in which their first stages were asked for."""
    return [each.stage.job_id for each in await books.asked() if each.stage.stage_id.endswith("/tts")]


async def finish_next(books: WriterHarness, done: set[str]) -> None:
    """The worker completes the first stage that it was asked for, and the scheduler is woken."""
    job_id = next(each for each in await asked_videos(books) if each not in done)
    done.add(job_id)
    await books.tell(completed("tts", job_id=job_id), job_id=job_id)
    await books.take_turns()


async def in_flight(books: WriterHarness) -> dict[str, int]:
    rows = await books.pool.fetch(
        "SELECT workspace_id, count(*) AS stages FROM stages "
        "WHERE service = 'tts' AND state IN ('queued', 'running') GROUP BY workspace_id"
    )
    return {row["workspace_id"]: row["stages"] for row in rows}


async def test_without_a_worker_a_few_stages_call_for_one(books: WriterHarness):
    await queue(books, 10)
    assert await in_flight(books) == {"default": WITHOUT_WORKERS}
    assert await books.take_turns() == 0


async def test_a_worker_that_comes_makes_room(books: WriterHarness):
    ids = await queue(books, 10)
    await books.add_worker(idle=True, slots=4)
    assert await books.take_turns() == places(4) - WITHOUT_WORKERS
    assert await asked_videos(books) == ids[: places(4)]


async def test_places_of_workers_that_have_fallen_silent_do_not_count(books: WriterHarness):
    await books.add_worker(idle=True, slots=10, silent_seconds=1000)
    await queue(books, 10)
    assert await in_flight(books) == {"default": WITHOUT_WORKERS}


async def test_a_single_video_is_next_whatever_another_workspace_has_queued(books: WriterHarness):
    await books.add_worker(idle=True)
    await queue(books, 50)
    (single,) = await queue(books, 1, "other")
    await finish_next(books, set())
    assert (await asked_videos(books))[places(1) :] == [single]


async def test_two_workspaces_take_turns(books: WriterHarness):
    await books.add_worker(idle=True)
    await queue(books, 20)
    await queue(books, 20, "other")
    done: set[str] = set()
    for _ in range(10):
        await finish_next(books, done)
    after = [job_id.partition("-")[0] for job_id in (await asked_videos(books))[places(1) :]]
    assert Counter(after) == {"default": 5, "other": 5}
    assert sum((await in_flight(books)).values()) == places(1)


async def test_a_weight_of_three_is_worth_three_places_of_four(books: WriterHarness):
    await books.pool.execute("UPDATE workspaces SET weight = 3 WHERE id = 'default'")
    await queue(books, 20)
    await queue(books, 20, "other")
    await books.add_worker(idle=True, slots=8)
    assert await books.take_turns() == 8
    assert await in_flight(books) == {"default": WITHOUT_WORKERS + 6, "other": 2}


async def test_a_workspace_has_no_more_in_flight_than_its_bound(books: WriterHarness):
    await books.pool.execute("UPDATE workspaces SET max_in_flight = 2 WHERE id = 'default'")
    await books.add_worker(idle=True, slots=5)
    first, *_ = await queue(books, 10)
    assert await in_flight(books) == {"default": 2}
    await queue(books, 5, "other")
    await books.take_turns()
    assert await in_flight(books) == {"default": 2, "other": 5}
    await books.tell(completed("tts", job_id=first), job_id=first)
    await books.take_turns()
    assert await in_flight(books) == {"default": 2, "other": 5}
    assert await books.take_turns() == 0


async def test_interactive_work_goes_before_a_batch(books: WriterHarness):
    await books.add_worker(idle=True)
    await queue(books, 10, priority=BATCH)
    (single,) = await queue(books, 1)
    await finish_next(books, set())
    assert (await asked_videos(books))[places(1) :] == [single]


async def test_interactive_work_does_not_starve_a_batch(books: WriterHarness):
    await books.add_worker(idle=True)
    await queue(books, 30)
    await queue(books, 2, priority=BATCH, name="patient")
    done: set[str] = set()
    for _ in range(2 * BATCH_TURN):
        await finish_next(books, done)
    assert sum(each.startswith("patient") for each in await asked_videos(books)) == 2


async def test_the_older_video_goes_first(books: WriterHarness):
    await queue(books, WITHOUT_WORKERS)
    books.clock.turn(10)
    (young,) = await queue(books, 1, name="young")
    books.clock.turn(-5)
    (old,) = await queue(books, 1, name="old")
    done: set[str] = set()
    for _ in range(2):
        await finish_next(books, done)
    assert (await asked_videos(books))[WITHOUT_WORKERS:] == [old, young]


async def test_an_older_videos_next_stage_goes_before_a_younger_videos_first(books: WriterHarness):
    """It becomes ready in the same transaction in which the engine has room again."""
    await books.add_worker(idle=True, slots=1)
    for job_id in ("old", "young"):
        await books.writer.create([two_for_one_engine(books, job_id)])
        books.clock.turn(1)
    output = {"speech": build_artifact("made")}
    await books.tell(Completed("old/0", 1, "w1", output, 2.5), job_id="old")
    assert [each.stage.stage_id for each in await books.asked()] == ["old/0", "old/1"]


def two_for_one_engine(books: WriterHarness, job_id: str) -> Job:
    first, second, _ = renamed(distinct_job(job_id), job_id, "default", books.clock.now).stages
    first = replace(first, id=f"{job_id}/0")
    second = replace(first, id=f"{job_id}/1", ordinal=1, name=second.name, inputs=second.inputs)
    job = renamed(build_job(), job_id, "default", books.clock.now)
    return Job(job.record, (first, second))


@pytest.mark.parametrize("schedulers", [2, 4])
async def test_several_schedulers_at_once_ask_for_each_stage_once(books: WriterHarness, schedulers: int):
    ids = await queue(books, 40)
    await books.add_worker(idle=True, slots=12)
    rivals = [WriterHarness.opened(books.pool, books.clock) for _ in range(schedulers - 1)]
    for _ in range(3):
        await asyncio.gather(*(each.take_turns() for each in (books, *rivals)))
    asked = Counter(await asked_videos(books))
    assert set(asked.values()) == {1}
    assert places(12) <= len(asked) <= len(ids)


async def test_what_is_asked_for_twice_at_once_is_made_once(books: WriterHarness):
    """In one request, as a batch may."""
    now = books.clock.now
    jobs = await books.writer.create([renamed(build_job(), name, "default", now) for name in ("a", "b")])
    assert [job.stages[0].state for job in jobs] == ["queued", "ready"]
    assert await books.take_turns() == 0
    await books.tell(completed("tts", job_id="a"), job_id="a")
    await books.take_turns()
    await eventually(lambda: is_completed(books, "b"))
    assert (await books.stage("tts", "b")).cache == "hit"
    assert await asked_videos(books) == ["a"]


async def is_completed(books: WriterHarness, job_id: str) -> bool:
    """The artifacts of the known result are looked for before it is used."""
    return (await books.stage("tts", job_id)).state == "completed"


async def test_workspaces_do_not_wait_for_each_others_results(books: WriterHarness):
    await books.create("a")
    assert (await books.create("b", "other")).stages[0].state == "queued"


async def test_what_bypasses_the_cache_waits_for_nobodys_result(books: WriterHarness):
    await books.create("a")
    job = build_job()
    forced = replace(job, stages=tuple(replace(stage, no_cache=True) for stage in job.stages))
    assert (await books.create("b", job=forced)).stages[0].state == "queued"


async def test_who_waits_for_a_result_does_not_stand_in_the_way_of_others(books: WriterHarness):
    """The engine has room for one more, and first in line is one whose result is being made."""
    await books.add_worker(idle=True, slots=2)
    await books.create("a")
    await books.create("b")
    await queue(books, 1)
    await books.take_turns()
    assert await asked_videos(books) == ["a", "default-INTERACTIVE-0"]
