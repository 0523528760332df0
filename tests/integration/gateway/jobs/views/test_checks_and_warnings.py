"""Checks of stages and warnings about requests, as the API shows them."""

from dataclasses import replace

from services.chassis.engine_api.quality import judge
from services.gateway.jobs.domain.models import JobWarning
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import Gateway, stage
from tests.integration.gateway.writer_harness import WriterHarness, completed
from tests.unit.gateway.jobs.job_examples import build_job

CLIPPED = judge("clipping", 0.02, "", upper=0.001, seen="2 % of the samples are clipped.")
LOUD_ENOUGH = judge("loudness", -20, "LUFS", lower=-40, upper=-8, seen="It is too loud.")


async def test_the_checks_of_a_stage_are_shown_and_a_failed_one_warns(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].checks = (CLIPPED, LOUD_ENOUGH)
    ended = await gateway.ended((await gateway.create(script="Hello."))["id"])
    assert ended["status"] == "completed"
    assert stage(ended, "tts")["checks"] == [
        {
            "name": "clipping",
            "value": 0.02,
            "unit": "",
            "lower": None,
            "upper": 0.001,
            "passed": False,
            "message": "2 % of the samples are clipped.",
        },
        {
            "name": "loudness",
            "value": -20.0,
            "unit": "LUFS",
            "lower": -40.0,
            "upper": -8.0,
            "passed": True,
            "message": "",
        },
    ]
    assert stage(ended, "video")["checks"] == []
    assert ended["warnings"] == [
        {"code": "clipping", "message": "2 % of the samples are clipped.", "stage": "scene-0/tts"}
    ]


async def test_a_known_result_keeps_the_checks_of_the_stage_that_made_it(harness: WriterHarness):
    await harness.create("video_1")
    for service in ("tts", "video", "mux"):
        checks = (CLIPPED,) if service == "tts" else ()
        await harness.apply(completed(service, checks=checks))
    second = await harness.create("video_2")
    assert [each.cache for each in second.stages] == ["hit", "hit", "hit"]
    assert [each.checks for each in second.stages] == [(CLIPPED,), (), ()]
    assert await harness.job("video_2") == second


async def test_checks_stay_when_the_job_goes_on(harness: WriterHarness):
    await harness.create()
    await harness.apply(completed("tts", checks=(CLIPPED, LOUD_ENOUGH)))
    await harness.apply(completed("video"))
    assert (await harness.stage("tts")).checks == (CLIPPED, LOUD_ENOUGH)


async def test_warnings_about_the_request_stay_with_the_job(harness: WriterHarness):
    warning = JobWarning("prompt_words_unknown", "Not understood: flabbergast.")
    job = build_job()
    created = await harness.create(job=replace(job, record=replace(job.record, warnings=(warning,))))
    assert created.record.warnings == (warning,)
    assert await harness.job() == created


async def test_missing_checks_and_warnings_are_stored_as_null(harness: WriterHarness):
    await harness.create()
    await harness.apply(completed("tts"))
    rows = await harness.pool.fetch("SELECT checks FROM stages UNION ALL SELECT warnings FROM jobs")
    assert [row["checks"] for row in rows] == [None] * 4
