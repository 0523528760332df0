"""A result that the workspace has is not made again."""

from dataclasses import replace

from services.chassis.errors import Reason
from services.gateway.videos.records import Failure
from services.gateway.videos.transition import Failed
from tests.integration.gateway.books import Books, completed
from tests.unit.gateway.jobs import build_job


async def complete_all(books: Books, video_id: str, workspace: str) -> None:
    await books.create(video_id, workspace)
    for service in ("tts", "video", "mux"):
        await books.tell(completed(service, video_id=video_id), video_id=video_id)
    await books.forget_outbox()


async def test_the_same_workspace_gets_all_of_it_at_once(books: Books):
    await complete_all(books, "video_1", "default")
    first = await books.job()
    second = await books.create("video_2")
    assert await books.job("video_2") == second
    assert (second.video.status, second.video.progress, second.video.seconds) == ("completed", 100, 2.5)
    assert [stage.cached for stage in second.stages] == [True, True, True]
    assert [stage.outputs for stage in second.stages] == [stage.outputs for stage in first.stages]
    assert await books.asked() == []
    assert await books.events("video_2") == [
        "video.queued",
        "stage.completed",
        "stage.completed",
        "stage.completed",
        "video.completed",
    ]


async def test_another_workspace_never_gets_it(books: Books):
    await complete_all(books, "video_1", "default")
    job = await books.create("video_2", "other")
    assert [stage.state for stage in job.stages] == ["queued", "waiting", "waiting"]
    assert [command.stage.workspace_id for command in await books.asked()] == ["other"]


async def test_only_what_follows_from_a_change_is_made_again(books: Books):
    await complete_all(books, "video_1", "default")
    job = build_job()
    changed = replace(
        job, stages=(job.stages[0], replace(job.stages[1], parameters={"fps": 30}), job.stages[2])
    )
    stages = (await books.create("video_2", job=changed)).stages
    assert [(stage.state, stage.cached) for stage in stages] == [
        ("completed", True),
        ("queued", False),
        ("waiting", False),
    ]


async def test_another_version_of_the_engine_makes_its_own(books: Books):
    await complete_all(books, "video_1", "default")
    job = build_job()
    newer = replace(job, stages=(replace(job.stages[0], engine_version="2"), *job.stages[1:]))
    assert (await books.create("video_2", job=newer)).stages[0].state == "queued"


async def test_a_stage_that_waits_to_be_tried_again_takes_a_result_that_came_meanwhile(books: Books):
    await books.create("video_1")
    await books.create("video_2")
    failure = Failure(Reason.ENGINE_CRASHED, "It died.")
    await books.tell(Failed("video_2/tts", 1, "w1", failure, retryable=True), video_id="video_2")
    await books.tell(completed("tts"))
    await books.forget_outbox()
    books.clock.turn(60)
    await books.reconcile()
    tts = await books.stage("tts", "video_2")
    assert (tts.state, tts.cached, tts.failure, tts.not_before) == ("completed", True, None, None)
    assert [command.stage.stage_id for command in await books.asked()] == ["video_2/video"]
