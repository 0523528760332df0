"""Workers that stop, die or lose their broker."""

import secrets
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from likeness.jobs.v1.stages_pb2 import StageCompleted, StageReleased, StageStarted
from services.chassis.bus.subjects import stage_subject
from tests.integration.chassis.conftest import StartWorker, fake_gateway_at
from tests.integration.chassis.fake_gateway import FakeGateway
from tests.integration.chassis.processes import wait_until, wait_until_ended
from tests.integration.chassis.test_worker import started_pids
from tests.servers import NatsBroker


@pytest.fixture
def service() -> str:
    return f"test{secrets.token_hex(4)}"


@pytest.fixture
async def gateway(broker: NatsBroker, service: str) -> AsyncIterator[FakeGateway]:
    async with fake_gateway_at(broker, service) as gateway:
        yield gateway


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopping_worker_finishes_what_it_runs(
    start_worker: StartWorker, gateway: FakeGateway, tmp_path: Path, how: signal.Signals
) -> None:
    worker = await start_worker(gateway.service)
    gate = tmp_path / "gate"
    running = await gateway.request("wait", gate)
    await started_pids(gateway, running, gate)
    worker.process.send_signal(how)
    await wait_until(lambda: any(line["event"] == "worker.draining" for line in worker.logs()))
    waiting = await gateway.request("count")
    gate.touch()
    await gateway.wait_for_status(running, StageCompleted)
    assert await worker.process.wait() == 0
    assert (await gateway.wait_for_announcement(leaving=True)).engine.name == "scripted"
    assert gateway.kinds(waiting) == []


async def test_a_stopping_worker_releases_what_it_cannot_finish(
    start_worker: StartWorker, gateway: FakeGateway, tmp_path: Path
) -> None:
    worker = await start_worker(gateway.service, drain_seconds="0.2")
    gate = tmp_path / "never"
    stage_id = await gateway.request("wait", gate)
    pids = await started_pids(gateway, stage_id, gate)
    worker.process.terminate()
    await gateway.wait_for_status(stage_id, StageReleased)
    assert await worker.process.wait() == 0
    await wait_until_ended(*pids, within=1.0)
    assert list((worker.folder / "scratch").iterdir()) == []
    async with gateway.bus.consume(stage_subject(gateway.service, "scripted"), prefetch=1) as deliveries:
        assert (await anext(deliveries)).attempt == 2


async def test_an_idle_worker_stops_at_once(start_worker: StartWorker, gateway: FakeGateway) -> None:
    worker = await start_worker(gateway.service)
    await gateway.wait_for_announcement()
    worker.process.terminate()
    assert await worker.process.wait() == 0


async def test_a_killed_workers_stage_is_run_by_another(
    start_worker: StartWorker, gateway: FakeGateway, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    first = await start_worker(gateway.service, scratch_dir=str(scratch))
    gate = tmp_path / "gate"
    stage_id = await gateway.request("wait", gate)
    pids = await started_pids(gateway, stage_id, gate)
    first.process.kill()
    await wait_until_ended(*pids, within=2.0)
    left = set(scratch.glob("*/stage-*"))
    gate.touch()
    await start_worker(gateway.service, scratch_dir=str(scratch))
    completed = await gateway.wait_for_status(stage_id, StageCompleted)
    assert gateway.ends(stage_id) == ["StageCompleted"]
    assert completed.worker_id != (await gateway.wait_for_status(stage_id, StageStarted)).worker_id
    assert left and not left & set(scratch.glob("*/stage-*"))


async def test_a_stage_that_ends_while_the_broker_is_away_is_not_lost(
    start_worker: StartWorker, own_broker: NatsBroker, service: str, tmp_path: Path
) -> None:
    async with fake_gateway_at(own_broker, service) as gateway:
        worker = await start_worker(service, broker_url=own_broker.url)
        gate = tmp_path / "gate"
        stage_id = await gateway.request("wait", gate)
        await started_pids(gateway, stage_id, gate)
        await own_broker.kill()
        gate.touch()
        await wait_until(lambda: any(line["event"] == "status.not_taken" for line in worker.logs()))
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{worker.http_port}") as client:
            ready = await client.get("/readyz", timeout=20)
        assert (ready.status_code, list(ready.json()["problems"])) == (503, ["bus"])
        await own_broker.start()
        await gateway.wait_for_status(stage_id, StageCompleted)


async def test_a_worker_takes_stages_again_after_its_broker_was_wiped(
    start_worker: StartWorker, own_broker: NatsBroker, service: str
) -> None:
    async with fake_gateway_at(own_broker, service) as gateway:
        await start_worker(service, broker_url=own_broker.url)
        await gateway.wait_for_announcement()
        await own_broker.kill()
        own_broker.wipe()
        await own_broker.start()
        await gateway.wait_for_status(await gateway.request("count"), StageCompleted)


async def test_a_service_without_a_single_engine_does_not_start(
    start_worker: StartWorker, gateway: FakeGateway
) -> None:
    worker = await start_worker(gateway.service, engines="unavailable")
    assert await worker.process.wait() == 1
    message = (worker.folder / "worker.log").read_text()
    assert "likeness models pull" in message
    assert "cannot start" in message
    assert "Traceback" not in message


async def test_an_engine_that_does_not_open_does_not_affect_others(
    start_worker: StartWorker, gateway: FakeGateway
) -> None:
    await start_worker(gateway.service, engines="")
    await gateway.wait_for_status(await gateway.request("count"), StageCompleted)
    assert {each.engine.name for each in gateway.announced} == {"scripted"}


async def test_two_workers_share_a_queue(
    start_worker: StartWorker, gateway: FakeGateway, tmp_path: Path
) -> None:
    await start_worker(gateway.service)
    await start_worker(gateway.service)
    gate = tmp_path / "gate"
    ids = [await gateway.request("wait", gate) for _ in range(2)]
    started = [await gateway.wait_for_status(stage_id, StageStarted) for stage_id in ids]
    assert len({each.worker_id for each in started}) == 2
    gate.touch()
    for stage_id in ids:
        await gateway.wait_for_status(stage_id, StageCompleted)
