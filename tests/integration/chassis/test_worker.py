"""A worker and its stages: results, failures, cancels, heartbeats, traces and metrics."""

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
from services.chassis.models.cache import CACHE_VARIABLE
from services.chassis.storage import Artifact, ObjectStore
from tests.integration.chassis.conftest import RunningWorker
from tests.integration.chassis.fake_gateway import FakeGateway
from tests.integration.chassis.processes import is_running, wait_until, wait_until_ended

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = TRACEPARENT.split("-")[1]


async def started_pids(gateway: FakeGateway, stage_id: str, gate: Path) -> list[int]:
    """Returns the process ids of a waiting stage."""
    await gateway.wait_for_status(stage_id, StageStarted)
    pids = gate.with_suffix(".pids")
    await wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    return [int(pid) for pid in pids.read_text().split()]


async def test_a_stage_is_run_and_reported(
    worker: RunningWorker, gateway: FakeGateway, bucket: ObjectStore
) -> None:
    stage_id = await gateway.request("count", job_id="v1")
    completed = await gateway.wait_for_status(stage_id, StageCompleted)
    assert gateway.ends(stage_id) == ["StageCompleted"]
    assert completed.stage == StageRef(workspace_id="ws", job_id="v1", stage_id=stage_id, attempt=1)
    assert completed.worker_id == (await gateway.wait_for_announcement()).worker_id
    assert completed.started_at.ToNanoseconds() < completed.completed_at.ToNanoseconds()
    assert completed.media_seconds == 2.5
    artifact = artifact_from_proto(completed.outputs["output"])
    assert artifact.key.startswith("ws/sha256/")
    assert artifact.media_type == "text/plain"
    assert await bucket.read(artifact.key) == b"done"
    assert worker.stage_files() == []


async def test_inputs_are_fetched(worker: RunningWorker, gateway: FakeGateway, bucket: ObjectStore) -> None:
    given = await bucket.put_bytes("ws", b"given", "text/plain")
    completed = await gateway.wait_for_status(
        await gateway.request("read", inputs={"in": given}), StageCompleted
    )
    assert await bucket.read(completed.outputs["output"].key) == b"given"


@pytest.mark.parametrize(
    ("command", "reason", "retryable"),
    [
        ("refuse", Reason.FACE_NOT_FOUND, False),
        ("fail", Reason.INTERNAL, False),
        ("exhaust", Reason.OUT_OF_MEMORY, True),
        ("crash", Reason.ENGINE_CRASHED, True),
        ("be_killed", Reason.OUT_OF_MEMORY, True),
    ],
)
async def test_a_failure_is_reported_with_its_reason(
    worker: RunningWorker, gateway: FakeGateway, command: str, reason: Reason, retryable: bool
) -> None:
    failed = await gateway.wait_for_status(await gateway.request(command), StageFailed)
    assert (reason_from_proto(failed.error.reason), failed.error.retryable) == (reason, retryable)
    assert failed.error.message
    assert worker.stage_files() == []


async def test_a_stage_for_an_engine_that_is_not_hosted_fails(
    worker: RunningWorker, gateway: FakeGateway
) -> None:
    failed = await gateway.wait_for_status(await gateway.request("count", engine="other"), StageFailed)
    assert reason_from_proto(failed.error.reason) is Reason.ENGINE_UNKNOWN
    assert "scripted" in failed.error.message


async def test_a_task_of_another_service_fails(worker: RunningWorker, gateway: FakeGateway) -> None:
    failed = await gateway.wait_for_status(
        await gateway.request("", task=AssemblyTask(scenes=1)), StageFailed
    )
    assert reason_from_proto(failed.error.reason) is Reason.INVALID_ARGUMENT


async def test_a_missing_or_damaged_input_fails_the_stage(
    worker: RunningWorker, gateway: FakeGateway, bucket: ObjectStore
) -> None:
    gone = Artifact(f"ws/sha256/00/{'0' * 64}", "0" * 64, "text/plain", 1)
    kept = await bucket.put_bytes("ws", secrets.token_bytes(8), "text/plain")
    for inputs in ({"in": gone}, {"in": replace(kept, sha256="0" * 64)}):
        failed = await gateway.wait_for_status(await gateway.request("read", inputs=inputs), StageFailed)
        assert reason_from_proto(failed.error.reason) is Reason.ARTIFACT_MISSING


async def test_a_stage_beyond_its_timeout_is_ended(
    worker: RunningWorker, gateway: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "never"
    stage_id = await gateway.request("wait", gate, timeout_seconds=1.0)
    pids = await started_pids(gateway, stage_id, gate)
    failed = await gateway.wait_for_status(stage_id, StageFailed)
    assert reason_from_proto(failed.error.reason) is Reason.TIMED_OUT
    assert failed.error.retryable
    await wait_until_ended(*pids, within=1.0)


async def test_a_cancelled_job_is_ended_at_once(
    worker: RunningWorker, gateway: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "never"
    stage_id = await gateway.request("wait", gate, job_id="v_cancelled")
    pids = await started_pids(gateway, stage_id, gate)
    await gateway.cancel("v_other")
    await gateway.cancel("v_cancelled")
    await wait_until_ended(*pids, within=1.0)
    await gateway.wait_for_status(await gateway.request("count"), StageCompleted)
    assert gateway.kinds(stage_id) == ["StageStarted"]
    assert worker.stage_files() == []


async def test_a_cancel_of_another_job_ends_nothing(
    worker: RunningWorker, gateway: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    stage_id = await gateway.request("wait", gate, job_id="v_mine")
    pids = await started_pids(gateway, stage_id, gate)
    await gateway.cancel("v_other")
    await gateway.wait_for_status(stage_id, StageProgressed, count=2)
    assert all(map(is_running, pids))
    gate.touch()
    await gateway.wait_for_status(stage_id, StageCompleted)


async def test_heartbeats_keep_a_stage_past_its_lease(
    worker: RunningWorker, gateway: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    stage_id = await gateway.request("wait", gate)
    await started_pids(gateway, stage_id, gate)
    async with gateway.bus.consume(stage_subject(gateway.service, "scripted"), prefetch=1) as deliveries:
        rival = asyncio.create_task(anext(deliveries))
        beats_of_three_leases = 12
        last = await gateway.wait_for_status(stage_id, StageProgressed, count=beats_of_three_leases)
        assert last.progress == 0.5
        assert not rival.done()
        rival.cancel()
        await asyncio.wait({rival})
    gate.touch()
    await gateway.wait_for_status(stage_id, StageCompleted)
    assert gateway.kinds(stage_id) == ["StageStarted", "StageCompleted"]


@pytest.mark.parametrize("poison", [StageStarted(worker_id="odd"), None], ids=["no request", "no message"])
async def test_poison_messages_are_rejected(
    worker: RunningWorker, gateway: FakeGateway, poison: Message | None
) -> None:
    envelope = pack(stage_subject(gateway.service, "scripted"), poison or StageStarted(), source="gateway")
    if poison is None:
        envelope = replace(envelope, data=b"\xff\xff", headers={"ce-type": "nonsense", "ce-id": envelope.id})
    await gateway.bus.publish(envelope)
    await gateway.wait_for_status(await gateway.request("count"), StageCompleted)
    rejected = [line for line in worker.logs() if line["event"] == "worker.poison"]
    assert [line["id"] for line in rejected].count(envelope.id) == 1


async def test_the_whole_stage_is_in_the_callers_trace(worker: RunningWorker, gateway: FakeGateway) -> None:
    stage_id = await gateway.request("count", job_id="v_traced", traceparent=TRACEPARENT)
    await gateway.wait_for_status(stage_id, StageCompleted)

    def spans() -> dict[str, dict[str, object]]:
        mine = [span for span in worker.spans() if span["context"]["trace_id"] == f"0x{TRACE_ID}"]
        return {span["name"]: span for span in mine}

    name = f"stage.{gateway.service}"
    await wait_until(lambda: name in spans())
    assert set(spans()) == {name, "stage.fetch_inputs", "stage.store_outputs"}
    assert spans()[name]["attributes"] == {
        "job_id": "v_traced",
        "stage_id": stage_id,
        "engine": "scripted",
        "attempt": 1,
        "delivery": 1,
    }
    assert {header.split("-")[1] for header in gateway.traceparents[stage_id]} == {TRACE_ID}


async def test_every_log_line_of_a_stage_names_it(worker: RunningWorker, gateway: FakeGateway) -> None:
    stage_id = await gateway.request("refuse", job_id="v_logged")
    await gateway.wait_for_status(stage_id, StageFailed)

    def failures() -> list[dict[str, object]]:
        lines = [line for line in worker.logs() if line["event"] == "stage.failed"]
        return [line for line in lines if line["stage_id"] == stage_id]

    await wait_until(lambda: len(failures()) == 1)
    assert (failures()[0]["reason"], failures()[0]["job_id"]) == ("face_not_found", "v_logged")
    lines = [line for line in worker.logs() if line["event"].startswith("stage.")]
    assert all(line["job_id"] and line["stage_id"] and line["trace_id"] for line in lines)


async def test_the_worker_announces_its_engine(worker: RunningWorker, gateway: FakeGateway) -> None:
    announced = await gateway.wait_for_announcement()
    assert (announced.engine.name, announced.engine.version) == ("scripted", "1")
    assert announced.concurrency == 1


async def test_health_and_metrics(worker: RunningWorker, gateway: FakeGateway) -> None:
    await gateway.wait_for_status(await gateway.request("count"), StageCompleted)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{worker.http_port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["problems"]) == (200, {})
        metrics = (await client.get("/metrics")).text
    labels = f'engine="scripted",service="{gateway.service}"'
    assert f"likeness_stages_completed_total{{{labels}}}" in metrics
    assert f"likeness_stage_seconds_count{{{labels}}}" in metrics


async def test_many_stages_are_each_run_once(worker: RunningWorker, gateway: FakeGateway) -> None:
    ids = [await gateway.request("count") for _ in range(30)]
    await asyncio.gather(*(gateway.wait_for_status(stage_id, StageCompleted) for stage_id in ids))
    assert [gateway.ends(stage_id) for stage_id in ids] == [["StageCompleted"]] * 30


async def test_one_engine_process_serves_one_stage_after_another(
    worker: RunningWorker, gateway: FakeGateway
) -> None:
    first = last = await processes_opened(worker, gateway)
    for _ in range(4):
        last = await processes_opened(worker, gateway)
    assert len(last - first) < 2, "at most the spare one, if an earlier test has just ended it"


async def processes_opened(worker: RunningWorker, gateway: FakeGateway) -> set[int]:
    """Runs a stage and returns the ids of all engine processes opened so far."""
    await gateway.wait_for_status(await gateway.request("count"), StageCompleted)
    return {line["pid"] for line in worker.logs() if line["event"] == "engine.opened"}


async def test_an_engine_does_not_get_the_workers_settings(
    worker: RunningWorker, gateway: FakeGateway
) -> None:
    await gateway.wait_for_status(await gateway.request("count"), StageCompleted)
    engines = [child for child in psutil.Process(worker.process.pid).children() if is_engine(child)]
    assert engines
    for engine in engines:
        settings = {name for name in engine.environ() if name.startswith("LIKENESS_")}
        assert settings == {CACHE_VARIABLE}  # where it finds models


def is_engine(process: psutil.Process) -> bool:
    return any("engine_host.child" in word for word in process.cmdline())
