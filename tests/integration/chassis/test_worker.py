"""A worker and its stages: what it does with each, and what it tells."""

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path

import httpx2
import psutil
import pytest
from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageRef,
    StageStarted,
)
from likeness.mux.v1.mux_pb2 import AssemblyTask
from services.chassis.bus.codec import pack
from services.chassis.bus.subjects import stage_subject
from services.chassis.contracts.jobs import artifact_from_proto, reason_from_proto
from services.chassis.errors import Reason
from services.chassis.storage import Artifact, ObjectStore
from tests.integration.chassis.conftest import RunningWorker
from tests.integration.chassis.fake_gateway import FakeGateway
from tests.integration.chassis.processes import runs, until, until_ended

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = TRACEPARENT.split("-")[1]


async def started_pids(desk: FakeGateway, stage_id: str, gate: Path) -> list[int]:
    """The processes of a stage that waits."""
    await desk.hear(stage_id, StageStarted)
    pids = gate.with_suffix(".pids")
    await until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    return [int(pid) for pid in pids.read_text().split()]


async def test_a_stage_is_run_and_told(worker: RunningWorker, desk: FakeGateway, bucket: ObjectStore) -> None:
    stage_id = await desk.request("count", job_id="v1")
    completed = await desk.hear(stage_id, StageCompleted)
    assert desk.ends(stage_id) == ["StageCompleted"]
    assert completed.stage == StageRef(workspace_id="ws", job_id="v1", stage_id=stage_id, attempt=1)
    assert completed.worker_id == (await desk.hear_worker()).worker_id
    assert completed.started_at.ToNanoseconds() < completed.completed_at.ToNanoseconds()
    assert completed.media_seconds == 2.5
    artifact = artifact_from_proto(completed.outputs["told"])
    assert artifact.key.startswith("ws/sha256/")
    assert artifact.media_type == "text/plain"
    assert await bucket.read(artifact.key) == b"done"
    assert worker.stage_files() == []


async def test_inputs_are_fetched(worker: RunningWorker, desk: FakeGateway, bucket: ObjectStore) -> None:
    given = await bucket.put_bytes("ws", b"given", "text/plain")
    completed = await desk.hear(await desk.request("read", inputs={"in": given}), StageCompleted)
    assert await bucket.read(completed.outputs["told"].key) == b"given"


@pytest.mark.parametrize(
    ("order", "reason", "retryable"),
    [
        ("refuse", Reason.FACE_NOT_FOUND, False),
        ("fail", Reason.INTERNAL, False),
        ("exhaust", Reason.OUT_OF_MEMORY, True),
        ("crash", Reason.ENGINE_CRASHED, True),
        ("be_killed", Reason.OUT_OF_MEMORY, True),
    ],
)
async def test_a_failure_is_told_with_its_reason(
    worker: RunningWorker, desk: FakeGateway, order: str, reason: Reason, retryable: bool
) -> None:
    failed = await desk.hear(await desk.request(order), StageFailed)
    assert (reason_from_proto(failed.error.reason), failed.error.retryable) == (reason, retryable)
    assert failed.error.message
    assert worker.stage_files() == []


async def test_an_engine_that_is_not_hosted_is_told(worker: RunningWorker, desk: FakeGateway) -> None:
    failed = await desk.hear(await desk.request("count", engine="other"), StageFailed)
    assert reason_from_proto(failed.error.reason) is Reason.ENGINE_UNKNOWN
    assert "obedient" in failed.error.message


async def test_a_task_of_another_service_is_told(worker: RunningWorker, desk: FakeGateway) -> None:
    failed = await desk.hear(await desk.request("", task=AssemblyTask(scenes=1)), StageFailed)
    assert reason_from_proto(failed.error.reason) is Reason.INVALID_ARGUMENT


async def test_an_input_that_is_gone_is_told(
    worker: RunningWorker, desk: FakeGateway, bucket: ObjectStore
) -> None:
    gone = Artifact(f"ws/sha256/00/{'0' * 64}", "0" * 64, "text/plain", 1)
    kept = await bucket.put_bytes("ws", secrets.token_bytes(8), "text/plain")
    for inputs in ({"in": gone}, {"in": replace(kept, sha256="0" * 64)}):
        failed = await desk.hear(await desk.request("read", inputs=inputs), StageFailed)
        assert reason_from_proto(failed.error.reason) is Reason.ARTIFACT_MISSING


async def test_a_stage_that_takes_too_long_is_ended(
    worker: RunningWorker, desk: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "never"
    stage_id = await desk.request("wait", gate, timeout_seconds=1.0)
    pids = await started_pids(desk, stage_id, gate)
    failed = await desk.hear(stage_id, StageFailed)
    assert reason_from_proto(failed.error.reason) is Reason.TIMED_OUT
    assert failed.error.retryable
    await until_ended(*pids, within=1.0)


async def test_a_cancelled_video_is_ended_at_once(
    worker: RunningWorker, desk: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "never"
    stage_id = await desk.request("wait", gate, job_id="v_doomed")
    pids = await started_pids(desk, stage_id, gate)
    await desk.cancel("v_other")
    await desk.cancel("v_doomed")
    await until_ended(*pids, within=1.0)
    await desk.hear(await desk.request("count"), StageCompleted)
    assert desk.kinds(stage_id) == ["StageStarted"]
    assert worker.stage_files() == []


async def test_another_videos_cancel_ends_nothing(
    worker: RunningWorker, desk: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    stage_id = await desk.request("wait", gate, job_id="v_mine")
    pids = await started_pids(desk, stage_id, gate)
    await desk.cancel("v_other")
    await desk.hear(stage_id, StageProgressed, count=2)
    assert all(map(runs, pids))
    gate.touch()
    await desk.hear(stage_id, StageCompleted)


async def test_heartbeats_keep_a_stage_past_its_lease(
    worker: RunningWorker, desk: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    stage_id = await desk.request("wait", gate)
    await started_pids(desk, stage_id, gate)
    async with desk.bus.consume(stage_subject(desk.service, "obedient"), prefetch=1) as deliveries:
        rival = asyncio.create_task(anext(deliveries))
        beats_of_three_leases = 12
        last = await desk.hear(stage_id, StageProgressed, count=beats_of_three_leases)
        assert last.progress == 0.5
        assert not rival.done()
        rival.cancel()
        await asyncio.wait({rival})
    gate.touch()
    await desk.hear(stage_id, StageCompleted)
    assert desk.kinds(stage_id) == ["StageStarted", "StageCompleted"]


@pytest.mark.parametrize("poison", [StageStarted(worker_id="odd"), None], ids=["no request", "no message"])
async def test_poison_is_put_aside(worker: RunningWorker, desk: FakeGateway, poison: Message | None) -> None:
    envelope = pack(stage_subject(desk.service, "obedient"), poison or StageStarted(), source="desk")
    if poison is None:
        envelope = replace(envelope, data=b"\xff\xff", headers={"ce-type": "nonsense", "ce-id": envelope.id})
    await desk.bus.publish(envelope)
    await desk.hear(await desk.request("count"), StageCompleted)
    rejected = [line for line in worker.logs() if line["event"] == "worker.poison"]
    assert [line["id"] for line in rejected].count(envelope.id) == 1


async def test_the_whole_stage_is_in_the_callers_trace(worker: RunningWorker, desk: FakeGateway) -> None:
    stage_id = await desk.request("count", job_id="v_traced", traceparent=TRACEPARENT)
    await desk.hear(stage_id, StageCompleted)

    def spans() -> dict[str, dict[str, object]]:
        mine = [span for span in worker.spans() if span["context"]["trace_id"] == f"0x{TRACE_ID}"]
        return {span["name"]: span for span in mine}

    name = f"stage.{desk.service}"
    await until(lambda: name in spans())
    assert set(spans()) == {name, "stage.fetch_inputs", "stage.store_outputs"}
    assert spans()[name]["attributes"] == {
        "job_id": "v_traced",
        "stage_id": stage_id,
        "engine": "obedient",
        "attempt": 1,
        "delivery": 1,
    }
    assert {header.split("-")[1] for header in desk.traceparents[stage_id]} == {TRACE_ID}


async def test_every_log_line_of_a_stage_names_it(worker: RunningWorker, desk: FakeGateway) -> None:
    stage_id = await desk.request("refuse", job_id="v_logged")
    await desk.hear(stage_id, StageFailed)

    def failures() -> list[dict[str, object]]:
        lines = [line for line in worker.logs() if line["event"] == "stage.failed"]
        return [line for line in lines if line["stage_id"] == stage_id]

    await until(lambda: len(failures()) == 1)
    assert (failures()[0]["reason"], failures()[0]["job_id"]) == ("face_not_found", "v_logged")
    lines = [line for line in worker.logs() if line["event"].startswith("stage.")]
    assert all(line["job_id"] and line["stage_id"] and line["trace_id"] for line in lines)


async def test_the_worker_announces_its_engine(worker: RunningWorker, desk: FakeGateway) -> None:
    announced = await desk.hear_worker()
    assert (announced.engine.name, announced.engine.version) == ("obedient", "1")
    assert announced.concurrency == 1


async def test_health_and_metrics(worker: RunningWorker, desk: FakeGateway) -> None:
    await desk.hear(await desk.request("count"), StageCompleted)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{worker.http_port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["problems"]) == (200, {})
        metrics = (await client.get("/metrics")).text
    labels = f'engine="obedient",service="{desk.service}"'
    assert f"likeness_stages_completed_total{{{labels}}}" in metrics
    assert f"likeness_stage_seconds_count{{{labels}}}" in metrics


async def test_many_stages_are_all_run_once(worker: RunningWorker, desk: FakeGateway) -> None:
    ids = [await desk.request("count") for _ in range(30)]
    await asyncio.gather(*(desk.hear(stage_id, StageCompleted) for stage_id in ids))
    assert [desk.ends(stage_id) for stage_id in ids] == [["StageCompleted"]] * 30


async def test_one_engine_process_serves_one_stage_after_another(
    worker: RunningWorker, desk: FakeGateway
) -> None:
    first = last = await processes_opened(worker, desk)
    for _ in range(4):
        last = await processes_opened(worker, desk)
    assert len(last - first) < 2, "at most the spare one, if an earlier test has just ended it"


async def processes_opened(worker: RunningWorker, desk: FakeGateway) -> set[int]:
    """Once another stage has been run."""
    await desk.hear(await desk.request("count"), StageCompleted)
    return {line["pid"] for line in worker.logs() if line["event"] == "engine.opened"}


async def test_an_engine_does_not_know_the_workers_secrets(worker: RunningWorker, desk: FakeGateway) -> None:
    await desk.hear(await desk.request("count"), StageCompleted)
    engines = [child for child in psutil.Process(worker.process.pid).children() if is_engine(child)]
    assert engines
    for engine in engines:
        assert not [name for name in engine.environ() if name.startswith("LIKENESS_")]


def is_engine(process: psutil.Process) -> bool:
    return any("engine_child" in word for word in process.cmdline())
