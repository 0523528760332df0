"""Explanations and executions in `GET /v1/videos/{id}`."""

from datetime import timedelta
from typing import Any

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.errors import EngineCrashed
from services.gateway.jobs.views import queue_snapshot_queries as snapshots
from services.gateway.jobs.views.queue_snapshot import EngineSnapshot, QueuePosition
from tests.integration.gateway.fake_workers import FakeWorkers, fail_first, start_only
from tests.integration.gateway.gateway import Gateway, stage
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, distinct_job
from tests.unit.gateway.jobs.job_examples import NOW

SINCE = NOW - timedelta(seconds=20)


def explanation_of(video: dict[str, Any], service: str) -> tuple[str, str]:
    explanation = stage(video, service)["explanation"]
    return explanation["code"], explanation["message"]


async def test_a_running_stage_names_its_worker(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = start_only
    video = await gateway.create(script="Hello.")
    await gateway.in_state(video["id"], "tts", "running")
    await gateway.register(workers)
    video = await gateway.get(video["id"])
    worker = workers["tts"].worker_id
    code, message = explanation_of(video, "tts")
    assert (code, message.startswith(f"Running on worker {worker} since 20")) == ("running", True)
    assert explanation_of(video, "video") == ("waiting_for_inputs", "Waits for scene-0/tts.")
    assert video["explanation"] == {"code": "running", "message": f"scene-0/tts: {message}"}
    (run,) = stage(video, "tts")["executions"]
    assert (run["worker"], run["attempt"], run["ended_at"], run["outcome"]) == (worker, 1, None, None)


async def test_executions_show_how_attempts_ended(gateway: Gateway, workers: FakeWorkers):
    workers["tts"].behaviour = fail_first(EngineCrashed("It died."), times=1)
    video = await gateway.ended((await gateway.create(script="Hello."))["id"])
    assert (video["explanation"], {each["explanation"] for each in video["stages"]} - {None}) == (None, set())
    first, second = stage(video, "tts")["executions"]
    assert (first["attempt"], first["outcome"], first["error"]) == (
        1,
        "failed",
        {"code": "engine_crashed", "message": "It died.", "param": None},
    )
    assert (second["attempt"], second["outcome"], second["error"]) == (2, "completed", None)
    assert first["started_at"] <= first["ended_at"] <= second["started_at"] <= second["ended_at"]


async def test_a_stage_without_a_worker_says_so(gateway: Gateway, bus: NatsBus):
    workers = FakeWorkers(bus, gateway.components.store)
    await gateway.register(workers)
    video = await gateway.create(script="Nobody says this.")
    assert explanation_of(video, "tts")[0] == "queued_behind"
    await workers["tts"].announce(leaving=True)

    async def alone() -> bool:
        return explanation_of(await gateway.get(video["id"]), "tts")[0] == "no_worker"

    await eventually(alone)
    explanation = (await gateway.get(video["id"]))["explanation"]
    assert explanation["message"].startswith(
        f"scene-0/tts: No live worker hosts tts/espeak-{workers.suffix}."
    )


async def test_queue_positions_are_read(harness: WriterHarness):
    """The engine has one slot: all but the first job of the workspace wait, and one of another."""
    await harness.add_worker(idle=True)
    for number in range(4):
        await harness.create(f"video_{number}", job=distinct_job(str(number)))
        harness.clock.advance(1)
    await harness.create("video_other", "other", job=distinct_job("other"))
    ready = [await harness.stage("tts", f"video_{number}") for number in (2, 3)]
    assert [each.state for each in ready] == ["ready", "ready"]
    async with harness.pool.acquire() as connection:
        engines = await snapshots.engine_snapshots(connection, [("tts", "engine"), ("mux", "none")], SINCE)
        places = await snapshots.find_queue_positions(connection, ready)
    assert engines == {
        ("tts", "engine"): EngineSnapshot(frozenset({"tts"}), queued=("video_0/tts",), ready=4),
        ("mux", "none"): EngineSnapshot(),
    }
    assert places == {
        (("tts", "engine"), "video_2"): QueuePosition(before=1, total=3),
        (("tts", "engine"), "video_3"): QueuePosition(before=2, total=3),
    }
