"""From a request to a video, over the real bus."""

from likeness.jobs.v1.stages_pb2 import StageRequested
from services.chassis.errors import EngineCrashed, InvalidArgument, Reason
from tests.integration.gateway.fake_workers import (
    FakeWorker,
    FakeWorkers,
    complete,
    fail_first,
    start_and_fall_silent,
)
from tests.integration.gateway.gateway import Gateway, stage


async def test_a_video_passes_through_every_service(gateway: Gateway, studio: FakeWorkers):
    video = await gateway.create(script="Hello.", conversion={"pitch_semitones": 2})
    assert (video["status"], video["progress"]) == ("queued", 0)
    ended = await gateway.ended(video["id"])
    assert (ended["status"], ended["progress"], ended["seconds"]) == ("completed", 100, "2.5")
    assert [(each["service"], each["state"]) for each in ended["stages"]] == [
        (service, "completed") for service in ("tts", "voice", "video", "mux")
    ]
    for each in ended["stages"]:
        assert each["worker"] == studio[each["service"]].worker_id
    assert sorted((await studio["video"].asked()).inputs) == ["portrait", "speech", "timeline"]


async def test_the_content_is_what_the_mux_has_made(gateway: Gateway, studio: FakeWorkers):
    video = await gateway.create(script="Hello.")
    await gateway.ended(video["id"])
    key = (await studio["mux"].asked()).action_key
    for variant in ("video", "audio", "thumbnail"):
        redirect = await gateway.http.get(f"/v1/videos/{video['id']}/content", params={"variant": variant})
        content = await gateway.http.get(redirect.headers["location"], headers={"Authorization": ""})
        assert (redirect.status_code, content.text) == (302, f"{variant} of {key}")


async def test_a_video_under_way_has_no_content_yet(gateway: Gateway, studio: FakeWorkers):
    studio["tts"].act = start_and_fall_silent
    video = await gateway.create(script="Hello.")
    response = await gateway.http.get(f"/v1/videos/{video['id']}/content")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "video_not_ready")


async def test_a_stage_that_fails_twice_succeeds_the_third_time(gateway: Gateway, studio: FakeWorkers):
    studio["tts"].act = fail_first(EngineCrashed("It died."), times=2)
    ended = await gateway.ended((await gateway.create(script="Hello."))["id"])
    assert ended["status"] == "completed"
    tts = stage(ended, "tts")
    assert (tts["attempt"], tts["error"]) == (3, None)
    assert [request.stage.attempt for request in studio["tts"].requests] == [1, 2, 3]


async def test_a_refusal_fails_the_video_and_stops_those_who_work_for_it(
    gateway: Gateway, studio: FakeWorkers
):
    async def refuse_the_second_scene(worker: FakeWorker, request: StageRequested) -> None:
        await worker.start(request)
        if request is worker.requests[1]:
            await worker.fail(request, InvalidArgument("This cannot be said."))

    studio["tts"].act = refuse_the_second_scene
    video = await gateway.create(scenes=[{"script": "One."}, {"script": "Two."}])
    ended = await gateway.ended(video["id"])
    assert ended["status"] == "failed"
    assert ended["error"]["code"] == Reason.INVALID_ARGUMENT
    assert "This cannot be said." in ended["error"]["message"]
    assert sorted(each["state"] for each in ended["stages"]) == ["cancelled"] * 4 + ["failed"]
    await studio["tts"].told_to_stop(video["id"])
    content = await gateway.http.get(f"/v1/videos/{video['id']}/content")
    assert (content.status_code, content.json()["error"]["code"]) == (409, "video_failed")


async def test_attempts_used_up_fail_the_video(gateway: Gateway, studio: FakeWorkers):
    studio["video"].act = fail_first(EngineCrashed("It died."), times=99)
    ended = await gateway.ended((await gateway.create(script="Hello."))["id"])
    assert (ended["status"], stage(ended, "video")["attempt"]) == ("failed", 4)
    assert len(studio["video"].requests) == 4


async def test_a_stage_whose_worker_falls_silent_gets_a_new_attempt(gateway: Gateway, studio: FakeWorkers):
    """The worker has acknowledged the command: only the reconciler can notice."""
    studio["tts"].act = start_and_fall_silent
    video = await gateway.create(script="Hello.")
    await studio["tts"].asked()
    studio["tts"].act = complete
    ended = await gateway.ended(video["id"])
    assert (ended["status"], stage(ended, "tts")["attempt"]) == ("completed", 2)


async def test_the_same_request_runs_nothing_again(gateway: Gateway, studio: FakeWorkers):
    first = await gateway.create(script="Hello.")
    await gateway.ended(first["id"])
    again = await gateway.create(script="Hello.")
    assert (again["status"], [each["cache"] for each in again["stages"]]) == ("completed", ["hit"] * 3)
    assert len(studio["tts"].requests) == 1


async def test_a_late_worker_of_a_cancelled_video_is_told_to_stop(gateway: Gateway, studio: FakeWorkers):
    async def start_when_it_is_cancelled(worker: FakeWorker, request: StageRequested) -> None:
        await worker.told_to_stop(request.stage.job_id, 1)
        await worker.start(request)
        await worker.told_to_stop(request.stage.job_id, 2)

    studio["tts"].act = start_when_it_is_cancelled
    video = await gateway.create(script="Hello.")
    await studio["tts"].asked()
    response = await gateway.http.post(f"/v1/videos/{video['id']}/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    await studio["tts"].told_to_stop(video["id"], 2)
    assert (await gateway.ended(video["id"]))["status"] == "cancelled"


async def test_a_late_worker_of_a_deleted_video_is_told_to_stop(gateway: Gateway, studio: FakeWorkers):
    async def start_when_it_is_cancelled(worker: FakeWorker, request: StageRequested) -> None:
        await worker.told_to_stop(request.stage.job_id, 1)
        await worker.start(request)

    studio["tts"].act = start_when_it_is_cancelled
    video = await gateway.create(script="Hello.")
    await studio["tts"].asked()
    response = await gateway.http.delete(f"/v1/videos/{video['id']}")
    assert response.json() == {"id": video["id"], "object": "video.deleted", "deleted": True}
    await studio["tts"].told_to_stop(video["id"], 2)
    assert (await gateway.http.get(f"/v1/videos/{video['id']}")).status_code == 404
