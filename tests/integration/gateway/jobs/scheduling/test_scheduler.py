"""The scheduler shares an engine's room between workspaces, priorities and jobs."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from services.gateway.jobs.domain.events import Completed
from services.gateway.jobs.domain.models import Job, Priority
from services.gateway.jobs.scheduling.admission import WITHOUT_WORKERS, places
from services.gateway.jobs.scheduling.round_robin import BATCH_TURN
from services.gateway.jobs.scheduling.turn import STRETCH, with_turn
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, completed, distinct_job, renamed
from tests.unit.gateway.jobs.job_examples import build_artifact, build_job, build_record, build_stage

BATCH = Priority.BATCH


async def queue(
    harness: WriterHarness,
    count: int,
    workspace: str = "default",
    priority: Priority = Priority.INTERACTIVE,
    name: str = "",
) -> list[str]:
    """Creates jobs, each with a distinct first stage for the same engine. Returns their ids."""
    ids = [f"{name or workspace}-{priority.name}-{number}" for number in range(count)]
    jobs = [renamed(distinct_job(job_id, priority), job_id, workspace, harness.clock.now) for job_id in ids]
    await harness.writer.create(jobs)
    return ids


async def admitted_jobs(harness: WriterHarness) -> list[str]:
    """Returns the jobs in the order in which their first stages were admitted."""
    return [each.stage.job_id for each in await harness.commands() if each.stage.stage_id.endswith("/tts")]


async def finish_next(harness: WriterHarness, done: set[str]) -> None:
    """Completes the first unfinished stage on the bus, and runs the scheduler."""
    job_id = next(each for each in await admitted_jobs(harness) if each not in done)
    done.add(job_id)
    await harness.apply(completed("tts", job_id=job_id), job_id=job_id)
    await harness.schedule()


async def in_flight(harness: WriterHarness) -> dict[str, int]:
    rows = await harness.pool.fetch(
        "SELECT workspace_id, count(*) AS stages FROM stages "
        "WHERE service = 'tts' AND state IN ('queued', 'running') GROUP BY workspace_id"
    )
    return {row["workspace_id"]: row["stages"] for row in rows}


async def test_a_few_stages_are_admitted_without_a_worker(harness: WriterHarness):
    await queue(harness, 10)
    assert await in_flight(harness) == {"default": WITHOUT_WORKERS}
    assert await harness.schedule() == 0


async def test_a_new_worker_makes_room(harness: WriterHarness):
    ids = await queue(harness, 10)
    await harness.add_worker(idle=True, slots=4)
    assert await harness.schedule() == places(4) - WITHOUT_WORKERS
    assert await admitted_jobs(harness) == ids[: places(4)]


async def test_slots_of_silent_workers_do_not_count(harness: WriterHarness):
    await harness.add_worker(idle=True, slots=10, silent_seconds=1000)
    await queue(harness, 10)
    assert await in_flight(harness) == {"default": WITHOUT_WORKERS}


async def test_a_single_job_is_next_despite_the_queue_of_another_workspace(harness: WriterHarness):
    await harness.add_worker(idle=True)
    await queue(harness, 50)
    (single,) = await queue(harness, 1, "other")
    await finish_next(harness, set())
    assert (await admitted_jobs(harness))[places(1) :] == [single]


async def test_two_workspaces_take_turns(harness: WriterHarness):
    await harness.add_worker(idle=True)
    await queue(harness, 20)
    await queue(harness, 20, "other")
    done: set[str] = set()
    for _ in range(10):
        await finish_next(harness, done)
    after = [job_id.partition("-")[0] for job_id in (await admitted_jobs(harness))[places(1) :]]
    assert Counter(after) == {"default": 5, "other": 5}
    assert sum((await in_flight(harness)).values()) == places(1)


async def test_a_weight_of_three_gets_three_slots_of_four(harness: WriterHarness):
    await harness.pool.execute("UPDATE workspaces SET weight = 3 WHERE id = 'default'")
    await queue(harness, 20)
    await queue(harness, 20, "other")
    await harness.add_worker(idle=True, slots=8)
    assert await harness.schedule() == 8
    assert await in_flight(harness) == {"default": WITHOUT_WORKERS + 6, "other": 2}


async def test_a_workspace_has_no_more_in_flight_than_its_bound(harness: WriterHarness):
    await harness.pool.execute("UPDATE workspaces SET max_in_flight = 2 WHERE id = 'default'")
    await harness.add_worker(idle=True, slots=5)
    first, *_ = await queue(harness, 10)
    assert await in_flight(harness) == {"default": 2}
    await queue(harness, 5, "other")
    await harness.schedule()
    assert await in_flight(harness) == {"default": 2, "other": 5}
    await harness.apply(completed("tts", job_id=first), job_id=first)
    await harness.schedule()
    assert await in_flight(harness) == {"default": 2, "other": 5}
    assert await harness.schedule() == 0


async def test_interactive_work_goes_before_a_batch(harness: WriterHarness):
    await harness.add_worker(idle=True)
    await queue(harness, 10, priority=BATCH)
    (single,) = await queue(harness, 1)
    await finish_next(harness, set())
    assert (await admitted_jobs(harness))[places(1) :] == [single]


async def test_interactive_work_does_not_starve_a_batch(harness: WriterHarness):
    await harness.add_worker(idle=True)
    await queue(harness, 30)
    await queue(harness, 2, priority=BATCH, name="patient")
    done: set[str] = set()
    for _ in range(2 * BATCH_TURN):
        await finish_next(harness, done)
    assert sum(each.startswith("patient") for each in await admitted_jobs(harness)) == 2


async def test_the_older_job_goes_first(harness: WriterHarness):
    await queue(harness, WITHOUT_WORKERS)
    harness.clock.advance(10)
    (young,) = await queue(harness, 1, name="young")
    harness.clock.advance(-5)
    (old,) = await queue(harness, 1, name="old")
    done: set[str] = set()
    for _ in range(2):
        await finish_next(harness, done)
    assert (await admitted_jobs(harness))[WITHOUT_WORKERS:] == [old, young]


async def test_an_older_jobs_next_stage_goes_before_a_younger_jobs_first(harness: WriterHarness):
    """The stage becomes ready in the same transaction in which the engine has room again."""
    await harness.add_worker(idle=True, slots=1)
    for job_id in ("old", "young"):
        await harness.writer.create([job_with_two_stages(harness, job_id)])
        harness.clock.advance(1)
    output = {"speech": build_artifact("made")}
    await harness.apply(Completed("old/0", 1, "w1", output, 2.5), job_id="old")
    assert [each.stage.stage_id for each in await harness.commands()] == ["old/0", "old/1"]


def job_with_two_stages(harness: WriterHarness, job_id: str) -> Job:
    first, second, _ = renamed(distinct_job(job_id), job_id, "default", harness.clock.now).stages
    first = replace(first, id=f"{job_id}/0")
    second = replace(first, id=f"{job_id}/1", ordinal=1, name=second.name, inputs=second.inputs)
    job = renamed(build_job(), job_id, "default", harness.clock.now)
    return Job(job.record, (first, second))


@pytest.mark.parametrize("schedulers", [2, 4])
async def test_several_schedulers_at_once_admit_each_stage_once(harness: WriterHarness, schedulers: int):
    ids = await queue(harness, 40)
    await harness.add_worker(idle=True, slots=12)
    rivals = [WriterHarness.open(harness.pool, harness.clock) for _ in range(schedulers - 1)]
    for _ in range(3):
        await asyncio.gather(*(each.schedule() for each in (harness, *rivals)))
    admitted = Counter(await admitted_jobs(harness))
    assert set(admitted.values()) == {1}
    assert places(12) <= len(admitted) <= len(ids)


async def test_the_same_work_in_one_request_runs_once(harness: WriterHarness):
    """A batch may contain the same request twice."""
    now = harness.clock.now
    jobs = await harness.writer.create([renamed(build_job(), name, "default", now) for name in ("a", "b")])
    assert [job.stages[0].state for job in jobs] == ["queued", "ready"]
    assert await harness.schedule() == 0
    await harness.apply(completed("tts", job_id="a"), job_id="a")
    await harness.schedule()
    await eventually(lambda: is_completed(harness, "b"))
    assert (await harness.stage("tts", "b")).cache == "hit"
    assert await admitted_jobs(harness) == ["a"]


async def test_a_short_job_overtakes_the_waiting_stages_of_a_long_one(harness: WriterHarness):
    """It waits for none that does not run yet."""
    await harness.add_worker(idle=True)
    parts = tuple(
        build_stage(
            f"scene-0/video-{number}", id=f"part-{number}", ordinal=number, parameters={"text": f"{number}"}
        )
        for number in range(8)
    )
    await harness.writer.create([with_turn(Job(build_record(), parts), run_seconds=80)])
    harness.clock.advance(60)
    await harness.add_worker(idle=False)
    short = renamed(distinct_job("short"), "short", "default", harness.clock.now)
    await harness.writer.create([with_turn(short, run_seconds=1)])
    await harness.apply(replace(completed("tts"), stage_id="part-0"))
    assert [command.stage.stage_id for command in await harness.commands()] == ["part-0", "short/tts"]


async def test_a_long_job_is_not_overtaken_for_ever(harness: WriterHarness):
    await harness.add_worker(idle=True)
    await harness.create("first", job=distinct_job("first"))
    long = renamed(distinct_job("long"), "long", "default", harness.clock.now)
    await harness.writer.create([with_turn(long, run_seconds=80)])
    harness.clock.advance(80 * STRETCH + 1)
    await harness.add_worker(idle=False)
    await harness.create("late", job=distinct_job("late"))
    await harness.apply(completed("tts", job_id="first"), job_id="first")
    assert await admitted_jobs(harness) == ["first", "long"]


async def test_equal_scenes_of_a_job_run_once(harness: WriterHarness):
    """The second scene is ready when the first has just been made, in the same transaction."""
    await harness.add_worker(idle=True, slots=10)
    first = build_stage("scene-0/tts", id="first")
    scenes = (first, replace(first, id="second", name="scene-1/tts", ordinal=1))
    await harness.writer.create([Job(build_record(), scenes)])
    await harness.apply(replace(completed("tts"), stage_id="first"))
    assert [(stage.state, stage.cache) for stage in (await harness.job()).stages] == [
        ("completed", "miss"),
        ("completed", "hit"),
    ]
    assert [command.stage.stage_id for command in await harness.commands()] == ["first"]


async def is_completed(harness: WriterHarness, job_id: str) -> bool:
    """Tells whether the job's first stage has completed: its known result is checked in the store first."""
    return (await harness.stage("tts", job_id)).state == "completed"


async def test_workspaces_do_not_wait_for_each_others_results(harness: WriterHarness):
    await harness.create("a")
    assert (await harness.create("b", "other")).stages[0].state == "queued"


async def test_a_stage_that_bypasses_the_cache_waits_for_no_other_result(harness: WriterHarness):
    await harness.create("a")
    job = build_job()
    forced = replace(job, stages=tuple(replace(stage, no_cache=True) for stage in job.stages))
    assert (await harness.create("b", job=forced)).stages[0].state == "queued"


async def test_a_stage_that_waits_for_a_result_does_not_block_others(harness: WriterHarness):
    """The engine has room for one more, and the first ready stage waits for a result that is being made."""
    await harness.add_worker(idle=True, slots=2)
    await harness.create("a")
    await harness.create("b")
    await queue(harness, 1)
    await harness.schedule()
    assert await admitted_jobs(harness) == ["a", "default-INTERACTIVE-0"]
