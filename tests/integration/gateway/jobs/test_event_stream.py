"""The event stream of a job: resumable, monotone, and it ends with the job."""

import asyncio
from typing import Any

import pytest

from likeness.jobs.v1.stages_pb2 import StageRequested
from services.gateway.jobs.store.repository import EVENTS_CHANNEL
from tests.integration.gateway.fake_workers import FakeWorker, FakeWorkers, start_only
from tests.integration.gateway.gateway import Gateway
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import waiting_for_locks

FRACTIONS = (0.25, 0.75, 0.5)


async def progress_by_steps(worker: FakeWorker, request: StageRequested) -> None:
    """Reports progress that falls once; a client must not see that."""
    await worker.start(request)
    for fraction in FRACTIONS:
        await worker.progress(request, fraction)
    await worker.finish(request)


async def collect(gateway: Gateway, job_id: str, after: int = 0) -> list[tuple[int, dict[str, Any]]]:
    return [event async for event in gateway.events(job_id, after)]


async def test_a_stream_contains_all_events_and_ends_with_the_job(gateway: Gateway, workers: FakeWorkers):
    workers["video"].behaviour = progress_by_steps
    video = await gateway.create(script="Hello.")
    events = [event for _, event in await collect(gateway, video["id"])]
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["video.queued", "stage.queued"]
    assert kinds[-1] == "video.completed"
    assert kinds.count("stage.completed") == 3
    progress = [event["video"]["progress"] for event in events]
    assert progress == sorted(progress)
    assert (events[-1]["video"]["status"], progress[-1]) == ("completed", 100)


@pytest.mark.timeout(60)
async def test_head_of_events_ends_at_once(
    gateway: Gateway, workers: FakeWorkers, capsys: pytest.CaptureFixture[str]
):
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    for job_id, status in ((video["id"], 200), ("video_unknown", 404)):
        response = await gateway.http.head(f"/v1/videos/{job_id}/events")
        assert (response.status_code, response.content) == (status, b"")
    assert "http.request_failed" not in capsys.readouterr().out


async def test_a_broken_stream_resumes_after_the_last_event(gateway: Gateway, workers: FakeWorkers):
    video = await gateway.create(script="Hello.")
    await gateway.ended(video["id"])
    whole = [number for number, _ in await collect(gateway, video["id"])]
    assert whole == sorted(set(whole))
    for cut in (1, len(whole) - 1, len(whole)):
        rest = [number for number, _ in await collect(gateway, video["id"], after=whole[cut - 1])]
        assert rest == whole[cut:]


async def test_a_stream_delivers_events_as_they_happen(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    kinds: list[str] = []
    async for _, event in gateway.events(video["id"]):
        kinds.append(event["type"])
        if kinds[-1] == "stage.running":
            await gateway.http.post(f"/v1/videos/{video['id']}/cancel")
    assert kinds.index("stage.running") < kinds.index("stage.cancelled")
    assert kinds[-1] == "video.cancelled"


async def test_a_stream_ends_when_the_job_is_deleted(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    async with asyncio.timeout(10):
        async for _, event in gateway.events(video["id"]):
            if event["type"] == "stage.running":
                await gateway.http.delete(f"/v1/videos/{video['id']}")
    assert (await gateway.http.get(f"/v1/videos/{video['id']}/events")).status_code == 404


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "\u00b2", "9" * 19])
async def test_an_invalid_event_id_is_refused(shared_gateway: Gateway, last: str):
    video = await shared_gateway.create(script="Hello.")
    headers = {b"Last-Event-ID": last.encode("latin-1")}
    response = await shared_gateway.http.get(f"/v1/videos/{video['id']}/events", headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_event_id")


async def test_an_event_never_comes_with_an_older_state_of_the_job(gateway: Gateway, workers: FakeWorkers):
    """The job ends between the stream's two queries, for the job and for its events."""
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    await gateway.in_state(video["id"], "tts", "running")
    pool = gateway.components.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        following = asyncio.create_task(collect(gateway, video["id"]))
        await eventually(lambda: waiting_for_locks(pool, 1))
        await connection.execute("UPDATE stages SET state = 'cancelled'")
        await connection.execute("UPDATE jobs SET status = 'cancelled', completed_at = now()")
        await connection.execute(
            "INSERT INTO events (workspace_id, job_id, type, data) "
            "VALUES ('default', $1, 'video.cancelled', '{}')",
            video["id"],
        )
        await connection.execute("SELECT pg_notify($1, $2)", EVENTS_CHANNEL, video["id"])
    async with asyncio.timeout(10):
        _, last = (await following)[-1]
    assert (last["type"], last["video"]["status"]) == ("video.cancelled", "cancelled")
