"""Jobs from the request to the result, over the real bus with fake workers."""

from likeness.jobs.v1.stages_pb2 import StageRequested
from services.chassis.errors import EngineCrashed, InvalidArgument, Reason
from tests.integration.gateway.fake_workers import (
    FakeWorker,
    FakeWorkers,
    complete,
    fail_first,
    start_only,
)
from tests.integration.gateway.gateway import Gateway, stage


async def test_a_job_passes_through_every_service(gateway: Gateway, workers: FakeWorkers):
    video = await gateway.create(script="Hello.", conversion={"pitch_semitones": 2})
    assert (video["status"], video["progress"]) == ("queued", 0)
    ended = await gateway.ended(video["id"])
    assert (ended["status"], ended["progress"], ended["seconds"]) == ("completed", 100, "2.5")
    assert [(each["service"], each["state"]) for each in ended["stages"]] == [
        (service, "completed") for service in ("tts", "voice", "video", "mux")
    ]
    for each in ended["stages"]:
        assert each["worker"] == workers[each["service"]].worker_id
    assert sorted((await workers["video"].received()).inputs) == ["portrait", "speech", "timeline"]


async def test_the_content_is_the_output_of_the_mux_stage(gateway: Gateway, workers: FakeWorkers):
    video = await gateway.create(script="Hello.")
    await gateway.ended(video["id"])
    key = (await workers["mux"].received()).action_key
    for variant in ("video", "audio", "thumbnail"):
        redirect = await gateway.http.get(f"/v1/videos/{video['id']}/content", params={"variant": variant})
        content = await gateway.http.get(redirect.headers["location"], headers={"Authorization": ""})
        assert (redirect.status_code, content.text) == (302, f"{variant} of {key}")


async def test_an_unfinished_job_has_no_content(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    response = await gateway.http.get(f"/v1/videos/{video['id']}/content")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "video_not_ready")


async def test_a_stage_that_fails_twice_succeeds_the_third_time(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = fail_first(EngineCrashed("It died."), times=2)
    ended = await gateway.ended((await gateway.create(script="Hello."))["id"])
    assert ended["status"] == "completed"
    tts = stage(ended, "tts")
    assert (tts["attempt"], tts["error"]) == (3, None)
    assert [request.stage.attempt for request in workers["tts"].requests] == [1, 2, 3]


async def test_a_permanent_failure_fails_the_job_and_stops_its_workers(
    gateway: Gateway, workers: FakeWorkers
):
    async def refuse_the_second_scene(worker: FakeWorker, request: StageRequested) -> None:
        await worker.start(request)
        if request is worker.requests[1]:
            await worker.fail(request, InvalidArgument("This cannot be said."))

    workers["tts"].behaviour = refuse_the_second_scene
    video = await gateway.create(scenes=[{"script": "One."}, {"script": "Two."}])
    ended = await gateway.ended(video["id"])
    assert ended["status"] == "failed"
    assert ended["error"]["code"] == Reason.INVALID_ARGUMENT
    assert "This cannot be said." in ended["error"]["message"]
    assert sorted(each["state"] for each in ended["stages"]) == ["cancelled"] * 4 + ["failed"]
    await workers["tts"].received_cancel(video["id"])
    content = await gateway.http.get(f"/v1/videos/{video['id']}/content")
    assert (content.status_code, content.json()["error"]["code"]) == (409, "video_failed")


async def test_exhausted_attempts_fail_the_job(gateway: Gateway, workers: FakeWorkers):
    workers["video"].behaviour = fail_first(EngineCrashed("It died."), times=99)
    ended = await gateway.ended((await gateway.create(script="Hello."))["id"])
    assert (ended["status"], stage(ended, "video")["attempt"]) == ("failed", 4)
    assert len(workers["video"].requests) == 4


async def test_a_stage_with_a_silent_worker_gets_a_new_attempt(gateway: Gateway, workers: FakeWorkers):
    """The worker has acknowledged the command, so only the reconciler can find it."""
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    await workers["tts"].received()
    workers["tts"].behaviour = complete
    ended = await gateway.ended(video["id"])
    assert (ended["status"], stage(ended, "tts")["attempt"]) == ("completed", 2)


async def test_the_same_request_runs_nothing_again(gateway: Gateway, workers: FakeWorkers):
    first = await gateway.create(script="Hello.")
    await gateway.ended(first["id"])
    again = await gateway.create(script="Hello.")
    assert (again["status"], [each["cache"] for each in again["stages"]]) == ("completed", ["hit"] * 3)
    assert len(workers["tts"].requests) == 1


async def test_a_late_worker_of_a_cancelled_job_is_told_to_stop(gateway: Gateway, workers: FakeWorkers):
    async def start_when_it_is_cancelled(worker: FakeWorker, request: StageRequested) -> None:
        await worker.received_cancel(request.stage.job_id, 1)
        await worker.start(request)
        await worker.received_cancel(request.stage.job_id, 2)

    workers["tts"].behaviour = start_when_it_is_cancelled
    video = await gateway.create(script="Hello.")
    await workers["tts"].received()
    response = await gateway.http.post(f"/v1/videos/{video['id']}/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    await workers["tts"].received_cancel(video["id"], 2)
    assert (await gateway.ended(video["id"]))["status"] == "cancelled"


async def test_a_late_worker_of_a_deleted_job_is_told_to_stop(gateway: Gateway, workers: FakeWorkers):
    async def start_when_it_is_cancelled(worker: FakeWorker, request: StageRequested) -> None:
        await worker.received_cancel(request.stage.job_id, 1)
        await worker.start(request)

    workers["tts"].behaviour = start_when_it_is_cancelled
    video = await gateway.create(script="Hello.")
    await workers["tts"].received()
    response = await gateway.http.delete(f"/v1/videos/{video['id']}")
    assert response.json() == {"id": video["id"], "object": "video.deleted", "deleted": True}
    await workers["tts"].received_cancel(video["id"], 2)
    assert (await gateway.http.get(f"/v1/videos/{video['id']}")).status_code == 404
