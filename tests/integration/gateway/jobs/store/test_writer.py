"""The job writer applies batches of events, each in one transaction."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.gateway.jobs.domain.events import Progressed
from services.gateway.jobs.domain.models import JobStatus
from tests.integration.gateway.writer_harness import (
    WriterHarness,
    completed,
    distinct_job,
    renamed,
    started,
)
from tests.unit.gateway.jobs.job_examples import build_artifact, build_job

ALL = ("tts", "video", "mux")


async def test_a_new_job_is_written_to_all_tables(harness: WriterHarness):
    created = await harness.create()
    stored = await harness.job()
    assert stored == created
    assert [stage.state for stage in stored.stages] == ["queued", "waiting", "waiting"]
    assert await harness.events() == ["video.queued", "stage.queued"]
    (command,) = await harness.commands()
    assert (command.stage.job_id, command.stage.stage_id, command.stage.attempt) == (
        "video_1",
        "video_1/tts",
        1,
    )
    assert (command.engine, command.action_key) == ("engine", stored.stages[0].action_key)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"service": "unknown"}, "does not know the service 'unknown'"),
        ({"parameters": {"nonsense": 1}}, "are not those of a tts task"),
    ],
    ids=["service", "parameters"],
)
async def test_a_stage_that_cannot_be_asked_for_fails_its_own_job_alone(
    harness: WriterHarness, changes: dict[str, Any], message: str
):
    """As after a package was removed whose stages wait still."""
    whole, broken = build_job(), build_job()
    broken = replace(broken, stages=(replace(broken.stages[0], **changes), *broken.stages[1:]))
    jobs = [
        renamed(broken, "video_1", "default", harness.clock.now),
        renamed(whole, "video_2", "default", harness.clock.now),
    ]
    first, second = await harness.writer.create(jobs)
    assert first.record.status is JobStatus.FAILED
    assert first.record.failure is not None and message in first.record.failure.message
    assert second.record.status is JobStatus.QUEUED
    assert await harness.job() == first
    assert {command.stage.job_id for command in await harness.commands()} == {"video_2"}


async def test_each_completion_releases_the_next_stage_with_its_inputs(harness: WriterHarness):
    await harness.create()
    for service in ALL:
        await harness.apply(completed(service))
    tts, video, mux = await harness.commands()
    assert (dict(tts.inputs), sorted(video.inputs), sorted(mux.inputs)) == (
        {},
        ["portrait", "speech"],
        ["video.0"],
    )
    assert (video.inputs["speech"].sha256, mux.inputs["video.0"].sha256) == ("tts-out", "video-out")
    ended = (await harness.job()).record
    assert (ended.status, ended.progress, ended.result) == ("completed", 100, {"seconds": 2.5})


async def test_a_repeated_event_counts_once(harness: WriterHarness):
    await harness.create()
    for event in (started("tts"), completed("tts")):
        await harness.apply(event, event)
        await harness.apply(event)
    assert await harness.states() == ["completed", "queued", "waiting"]
    assert [command.stage.stage_id for command in await harness.commands()] == [
        "video_1/tts",
        "video_1/video",
    ]
    assert (await harness.events()).count("stage.completed") == 1


async def test_the_first_of_two_completions_counts(harness: WriterHarness):
    await harness.create()
    await harness.apply(completed("tts"), completed("tts", media_seconds=99.0, worker_id="zombie"))
    await harness.apply(completed("tts", media_seconds=98.0, worker_id="zombie"))
    tts = await harness.stage("tts")
    assert (tts.media_seconds, tts.worker_id) == (2.5, "w1")


async def test_a_start_that_comes_after_the_completion_changes_nothing(harness: WriterHarness):
    await harness.create()
    await harness.apply(completed("tts"))
    before = await harness.job()
    await harness.apply(started("tts"), Progressed("video_1/tts", 1, "w1", 0.1))
    assert await harness.job() == before


async def test_two_events_of_one_stage_in_one_batch_both_count(harness: WriterHarness):
    await harness.create()
    await harness.apply(started("tts", worker="w7"), Progressed("video_1/tts", 1, "w7", 0.5))
    tts = await harness.stage("tts")
    assert (tts.state, tts.worker_id, tts.progress) == ("running", "w7", 0.5)


async def test_events_of_unknown_jobs_and_stages_do_not_affect_the_others(harness: WriterHarness):
    await harness.create()
    await harness.writer.apply(
        [
            ("video_unknown", started("tts", job_id="video_unknown")),
            ("video_1", replace(started("tts"), stage_id="stage_unknown")),
            ("video_1", started("tts")),
        ]
    )
    assert await harness.states() == ["running", "waiting", "waiting"]


async def test_one_batch_updates_many_jobs(harness: WriterHarness):
    ids = [f"video_{number}" for number in range(20)]
    for service in ALL:
        await harness.add_worker(idle=True, service=service, slots=20)
    for job_id in ids:
        await harness.create(job_id, job=distinct_job(job_id))
    await harness.writer.apply(
        (job_id, completed("tts", job_id=job_id, outputs={"speech": build_artifact(job_id)}))
        for job_id in reversed(ids)
    )
    for job_id in ids:
        assert await harness.states(job_id) == ["completed", "queued", "waiting"]


async def test_concurrent_batches_of_the_same_jobs_do_not_deadlock(harness: WriterHarness):
    """Each batch has another order of jobs; without one order of locks some would deadlock."""
    ids = [f"video_{number}" for number in range(8)]
    for job_id in ids:
        await harness.create(job_id, job=distinct_job(job_id))
    batches = [
        [(job_id, Progressed(f"{job_id}/tts", 1, "w1", step / 8)) for job_id in order]
        for step in range(1, 8)
        for order in (ids, ids[::-1])
    ]
    await asyncio.gather(*(harness.writer.apply(batch) for batch in batches))
    for job_id in ids:
        assert (await harness.stage("tts", job_id)).progress == 7 / 8
