"""No job is lost when the broker is down or has lost its messages."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.chassis.bus.nats.bus import NatsBus
from tests.integration.gateway.conftest import BuildSettings
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import Gateway, run_gateway, stage
from tests.integration.gateway.waiting import eventually
from tests.servers import NatsBroker


@pytest.fixture
async def own_gateway(build_settings: BuildSettings, own_broker: NatsBroker) -> AsyncIterator[Gateway]:
    async with run_gateway(build_settings(own_broker, lease_seconds=1)) as gateway:
        yield gateway


@pytest.fixture
async def own_bus(own_broker: NatsBroker) -> AsyncIterator[NatsBus]:
    bus = await NatsBus.connect(own_broker.url, name="test", lease_seconds=1)
    yield bus
    await bus.close()


async def test_without_a_broker_the_gateway_accepts_jobs_and_reports_the_bus(
    own_gateway: Gateway, own_bus: NatsBus, own_broker: NatsBroker
):
    workers = FakeWorkers(own_bus, own_gateway.components.store)
    await own_gateway.register(workers)
    assert (await own_gateway.http.get("/readyz")).json() == {
        "status": "ok",
        "checks": {"database": "ok", "bus": "ok", "store": "ok"},
    }
    await own_broker.stop()
    asking = asyncio.create_task(until_ready_is(own_gateway, 503))
    video = await own_gateway.create(script="Hello.")
    assert (await own_gateway.http.get("/healthz")).json() == {"status": "ok"}
    checks = await asking
    assert (checks["database"], checks["store"]) == ("ok", "ok")
    assert checks["bus"] == "The bus did not answer within 4 seconds."
    await own_broker.start()
    async with workers.working():
        assert (await own_gateway.ended(video["id"]))["status"] == "completed"
    assert set((await until_ready_is(own_gateway, 200)).values()) == {"ok"}


async def until_ready_is(gateway: Gateway, status: int) -> dict[str, str]:
    """Returns the checks once `/readyz` has this status: its results hold for a second."""

    async def look() -> dict[str, str]:
        response = await gateway.http.get("/readyz")
        return response.json()["checks"] if response.status_code == status else {}

    return await eventually(look)


async def test_stages_run_after_the_broker_has_lost_their_commands(
    own_gateway: Gateway, own_bus: NatsBus, own_broker: NatsBroker
):
    workers = FakeWorkers(own_bus, own_gateway.components.store)
    await own_gateway.register(workers)
    videos = [await own_gateway.create(script=f"Number {number}.") for number in range(3)]

    async def are_out() -> bool:
        return await own_gateway.components.pool.fetchval("SELECT count(*) FROM outbox") == 0

    await eventually(are_out)
    await own_broker.kill()
    own_broker.wipe()
    await own_broker.start()
    async with workers.working():
        await own_gateway.register(workers)
        for video in videos:
            ended = await own_gateway.ended(video["id"])
            assert (ended["status"], stage(ended, "tts")["attempt"]) == ("completed", 1)
