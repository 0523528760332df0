"""A result that the workspace has is not made again."""

from dataclasses import replace

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed
from services.gateway.jobs.domain.models import Failure
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import build_job


async def complete_all(books: WriterHarness, job_id: str, workspace: str) -> None:
    await books.create(job_id, workspace)
    for service in ("tts", "video", "mux"):
        await books.tell(completed(service, job_id=job_id), job_id=job_id)
    await books.forget_outbox()


async def test_the_same_workspace_gets_all_of_it_at_once(books: WriterHarness):
    await complete_all(books, "video_1", "default")
    first = await books.job()
    second = await books.create("video_2")
    assert await books.job("video_2") == second
    assert (second.record.status, second.record.progress, second.record.result) == (
        "completed",
        100,
        {"seconds": 2.5},
    )
    assert [stage.cache for stage in second.stages] == ["hit", "hit", "hit"]
    assert [stage.outputs for stage in second.stages] == [stage.outputs for stage in first.stages]
    assert await books.asked() == []
    events = await books.events("video_2")
    assert (events[0], events.count("stage.completed"), events[-1]) == ("video.queued", 3, "video.completed")
    assert "stage.running" not in events


async def test_another_workspace_never_gets_it(books: WriterHarness):
    await complete_all(books, "video_1", "default")
    job = await books.create("video_2", "other")
    assert [stage.state for stage in job.stages] == ["queued", "waiting", "waiting"]
    assert [command.stage.workspace_id for command in await books.asked()] == ["other"]


async def test_only_what_follows_from_a_change_is_made_again(books: WriterHarness):
    await complete_all(books, "video_1", "default")
    job = build_job()
    changed = replace(
        job, stages=(job.stages[0], replace(job.stages[1], parameters={"fps": 30}), job.stages[2])
    )
    stages = (await books.create("video_2", job=changed)).stages
    assert [(stage.state, stage.cache) for stage in stages] == [
        ("completed", "hit"),
        ("queued", "miss"),
        ("waiting", None),
    ]


async def test_another_version_of_the_engine_makes_its_own(books: WriterHarness):
    await complete_all(books, "video_1", "default")
    job = build_job()
    newer = replace(job, stages=(replace(job.stages[0], engine_version="2"), *job.stages[1:]))
    assert (await books.create("video_2", job=newer)).stages[0].state == "queued"


async def test_a_stage_that_waits_to_be_tried_again_takes_a_result_that_came_meanwhile(books: WriterHarness):
    await books.create("video_1")
    await books.create("video_2")
    failure = Failure(Reason.ENGINE_CRASHED, "It died.")
    await books.tell(Failed("video_2/tts", 1, "w1", failure), job_id="video_2")
    await books.tell(completed("tts"))
    await books.forget_outbox()
    books.clock.turn(60)
    await books.reconcile()
    tts = await books.stage("tts", "video_2")
    assert (tts.state, tts.cache, tts.failure, tts.not_before) == ("completed", "hit", None, None)


async def test_what_is_being_made_is_waited_for_and_not_made_twice(books: WriterHarness):
    await books.create("video_1")
    second = await books.create("video_2")
    assert [stage.state for stage in second.stages] == ["ready", "waiting", "waiting"]
    await books.tell(started("tts"), completed("tts"))
    await books.reconcile()
    await eventually(lambda: are_in_states(books, "video_2", ["completed", "ready", "waiting"]))
    assert [command.stage.stage_id for command in await books.asked()] == ["video_1/tts", "video_1/video"]


async def are_in_states(books: WriterHarness, job_id: str, states: list[str]) -> bool:
    return await books.states(job_id) == states


async def test_if_the_one_that_makes_it_fails_another_does(books: WriterHarness):
    await books.create("video_1")
    await books.create("video_2")
    await books.tell(Failed("video_1/tts", 1, "w1", Failure(Reason.FACE_NOT_FOUND, "No face.")))
    assert await books.take_turns() == 1
    assert await books.states("video_2") == ["queued", "waiting", "waiting"]


async def test_a_request_can_have_it_made_again(books: WriterHarness):
    await complete_all(books, "video_1", "default")
    job = build_job()
    stages = tuple(replace(stage, no_cache=True) for stage in job.stages)
    forced = await books.create("video_2", job=replace(job, stages=stages))
    assert (forced.stages[0].state, forced.stages[0].cache) == ("queued", "bypass")
    books.clock.turn(1)
    await books.tell(completed("tts", job_id="video_2", media_seconds=9.0), job_id="video_2")
    assert (await books.stage("tts", "video_2")).billable
    third = await books.create("video_3")
    assert third.stages[0].media_seconds == 9.0


async def test_a_result_that_the_store_has_lost_is_made_again(books: WriterHarness):
    await complete_all(books, "video_1", "default")
    books.shelf.lost.add("default/sha256/tts-out")
    second = await books.create("video_2")
    assert [stage.state for stage in second.stages] == ["queued", "waiting", "waiting"]
    assert second.stages[0].cache == "miss"
    await books.tell(completed("tts", job_id="video_2"), job_id="video_2")
    assert not (await books.stage("tts", "video_2")).billable


async def test_an_input_that_a_worker_misses_is_made_again_by_a_copy_of_its_stage(books: WriterHarness):
    await books.create()
    await books.tell(completed("tts"), started("video"))
    missing = Failure(Reason.ARTIFACT_MISSING, "It is gone.")
    await books.tell(Failed("video_1/video", 1, "w1", missing, missing="default/sha256/tts-out"))
    job = await books.job()
    assert [(stage.name, stage.state) for stage in job.stages] == [
        ("scene-0/tts", "completed"),
        ("scene-0/tts#2", "queued"),
        ("scene-0/video", "waiting"),
        ("mux", "waiting"),
    ]
    again = replace(completed("tts"), stage_id=job.stages[1].id)
    await books.tell(again)
    video = await books.stage("video")
    assert (video.state, video.attempt) == ("queued", 2)
    bills = [stage.billable for stage in (await books.job()).stages if stage.service == "tts"]
    assert bills == [True, False]
