"""Results that a workspace already has are reused."""

from dataclasses import replace

from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed
from services.gateway.jobs.domain.models import Failure
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, completed, started
from tests.unit.gateway.jobs.job_examples import build_job


async def complete_all(harness: WriterHarness, job_id: str, workspace: str) -> None:
    await harness.create(job_id, workspace)
    for service in ("tts", "video", "mux"):
        await harness.apply(completed(service, job_id=job_id), job_id=job_id)
    await harness.clear_outbox()


async def test_the_same_workspace_reuses_all_results_at_once(harness: WriterHarness):
    await complete_all(harness, "video_1", "default")
    first = await harness.job()
    second = await harness.create("video_2")
    assert await harness.job("video_2") == second
    assert (second.record.status, second.record.progress, second.record.result) == (
        "completed",
        100,
        {"seconds": 2.5},
    )
    assert [stage.cache for stage in second.stages] == ["hit", "hit", "hit"]
    assert [stage.outputs for stage in second.stages] == [stage.outputs for stage in first.stages]
    assert await harness.commands() == []
    events = await harness.events("video_2")
    assert (events[0], events.count("stage.completed"), events[-1]) == ("video.queued", 3, "video.completed")
    assert "stage.running" not in events


async def test_another_workspace_never_reuses_them(harness: WriterHarness):
    await complete_all(harness, "video_1", "default")
    job = await harness.create("video_2", "other")
    assert [stage.state for stage in job.stages] == ["queued", "waiting", "waiting"]
    assert [command.stage.workspace_id for command in await harness.commands()] == ["other"]


async def test_only_stages_that_depend_on_a_change_run_again(harness: WriterHarness):
    await complete_all(harness, "video_1", "default")
    job = build_job()
    changed = replace(
        job, stages=(job.stages[0], replace(job.stages[1], parameters={"fps": 30}), job.stages[2])
    )
    stages = (await harness.create("video_2", job=changed)).stages
    assert [(stage.state, stage.cache) for stage in stages] == [
        ("completed", "hit"),
        ("queued", "miss"),
        ("waiting", None),
    ]


async def test_another_engine_version_runs_again(harness: WriterHarness):
    await complete_all(harness, "video_1", "default")
    job = build_job()
    newer = replace(job, stages=(replace(job.stages[0], engine_version="2"), *job.stages[1:]))
    assert (await harness.create("video_2", job=newer)).stages[0].state == "queued"


async def test_a_retrying_stage_takes_a_result_that_was_made_meanwhile(
    harness: WriterHarness,
):
    await harness.create("video_1")
    await harness.create("video_2")
    failure = Failure(Reason.ENGINE_CRASHED, "It died.")
    await harness.apply(Failed("video_2/tts", 1, "w1", failure), job_id="video_2")
    await harness.apply(completed("tts"))
    await harness.clear_outbox()
    harness.clock.advance(60)
    await harness.reconcile()
    tts = await harness.stage("tts", "video_2")
    assert (tts.state, tts.cache, tts.failure, tts.not_before) == ("completed", "hit", None, None)


async def test_a_result_that_is_being_made_is_awaited(harness: WriterHarness):
    await harness.create("video_1")
    second = await harness.create("video_2")
    assert [stage.state for stage in second.stages] == ["ready", "waiting", "waiting"]
    await harness.apply(started("tts"), completed("tts"))
    await harness.reconcile()
    await eventually(lambda: are_in_states(harness, "video_2", ["completed", "ready", "waiting"]))
    assert [command.stage.stage_id for command in await harness.commands()] == [
        "video_1/tts",
        "video_1/video",
    ]


async def are_in_states(harness: WriterHarness, job_id: str, states: list[str]) -> bool:
    return await harness.states(job_id) == states


async def test_another_stage_runs_if_the_awaited_one_fails(harness: WriterHarness):
    await harness.create("video_1")
    await harness.create("video_2")
    await harness.apply(Failed("video_1/tts", 1, "w1", Failure(Reason.FACE_NOT_FOUND, "No face.")))
    assert await harness.schedule() == 1
    assert await harness.states("video_2") == ["queued", "waiting", "waiting"]


async def test_a_request_can_bypass_the_cache(harness: WriterHarness):
    await complete_all(harness, "video_1", "default")
    job = build_job()
    stages = tuple(replace(stage, no_cache=True) for stage in job.stages)
    forced = await harness.create("video_2", job=replace(job, stages=stages))
    assert (forced.stages[0].state, forced.stages[0].cache) == ("queued", "bypass")
    harness.clock.advance(1)
    await harness.apply(completed("tts", job_id="video_2", media_seconds=9.0), job_id="video_2")
    assert (await harness.stage("tts", "video_2")).billable
    third = await harness.create("video_3")
    assert third.stages[0].media_seconds == 9.0


async def test_a_result_that_is_gone_from_the_store_is_made_again(harness: WriterHarness):
    await complete_all(harness, "video_1", "default")
    harness.store.lost.add("default/sha256/tts-out")
    second = await harness.create("video_2")
    assert [stage.state for stage in second.stages] == ["queued", "waiting", "waiting"]
    assert second.stages[0].cache == "miss"
    await harness.apply(completed("tts", job_id="video_2"), job_id="video_2")
    assert not (await harness.stage("tts", "video_2")).billable


async def test_a_missing_input_is_made_again_by_a_copy_of_its_stage(harness: WriterHarness):
    await harness.create()
    await harness.apply(completed("tts"), started("video"))
    missing = Failure(Reason.ARTIFACT_MISSING, "It is gone.")
    await harness.apply(Failed("video_1/video", 1, "w1", missing, missing="default/sha256/tts-out"))
    job = await harness.job()
    assert [(stage.name, stage.state) for stage in job.stages] == [
        ("scene-0/tts", "completed"),
        ("scene-0/tts#2", "queued"),
        ("scene-0/video", "waiting"),
        ("mux", "waiting"),
    ]
    again = replace(completed("tts"), stage_id=job.stages[1].id)
    await harness.apply(again)
    video = await harness.stage("video")
    assert (video.state, video.attempt) == ("queued", 2)
    bills = [stage.billable for stage in (await harness.job()).stages if stage.service == "tts"]
    assert bills == [True, False]
