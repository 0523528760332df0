"""What stages have measured, and what was known of a request, as the client sees it."""

from dataclasses import replace

from services.chassis.engine_api.quality import judge
from services.gateway.jobs.domain.models import JobWarning
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import Gateway, stage
from tests.integration.gateway.writer_harness import WriterHarness, completed
from tests.unit.gateway.jobs.job_examples import build_job

CLIPPED = judge("clipping", 0.02, "", upper=0.001, seen="2 % of the samples are clipped.")
LOUD_ENOUGH = judge("loudness", -20, "LUFS", lower=-40, upper=-8, seen="It is too loud.")


async def test_the_checks_of_a_stage_are_shown_and_a_failed_one_warns(gateway: Gateway, studio: FakeWorkers):
    studio["tts"].checks = (CLIPPED, LOUD_ENOUGH)
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


async def test_a_known_result_keeps_the_checks_of_the_stage_that_made_it(books: WriterHarness):
    await books.create("video_1")
    for service in ("tts", "video", "mux"):
        checks = (CLIPPED,) if service == "tts" else ()
        await books.tell(completed(service, checks=checks))
    second = await books.create("video_2")
    assert [each.cache for each in second.stages] == ["hit", "hit", "hit"]
    assert [each.checks for each in second.stages] == [(CLIPPED,), (), ()]
    assert await books.job("video_2") == second


async def test_what_is_measured_stays_when_the_job_goes_on(books: WriterHarness):
    await books.create()
    await books.tell(completed("tts", checks=(CLIPPED, LOUD_ENOUGH)))
    await books.tell(completed("video"))
    assert (await books.stage("tts")).checks == (CLIPPED, LOUD_ENOUGH)


async def test_warnings_of_the_request_stay_with_the_video(books: WriterHarness):
    warning = JobWarning("prompt_words_unknown", "Not understood: flabbergast.")
    job = build_job()
    created = await books.create(job=replace(job, record=replace(job.record, warnings=(warning,))))
    assert created.record.warnings == (warning,)
    assert await books.job() == created


async def test_nothing_is_written_where_there_is_nothing_to_say(books: WriterHarness):
    await books.create()
    await books.tell(completed("tts"))
    rows = await books.pool.fetch("SELECT checks FROM stages UNION ALL SELECT warnings FROM jobs")
    assert [row["checks"] for row in rows] == [None] * 4
