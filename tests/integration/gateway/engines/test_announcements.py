"""Engines and workers as the API lists them."""

from typing import Any

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.subjects import ENGINES
from tests.integration.gateway.conftest import BuildSettings
from tests.integration.gateway.fake_workers import CONCURRENCY, FakeWorkers
from tests.integration.gateway.gateway import Gateway, run_gateway
from tests.integration.gateway.waiting import eventually
from tests.servers import NatsBroker


async def engines(gateway: Gateway) -> dict[str, Any]:
    """Returns the listed engines by service."""
    listed = (await gateway.http.get("/v1/engines")).raise_for_status().json()["data"]
    return {engine["service"]: engine for engine in listed}


async def workers_of(gateway: Gateway, service: str) -> list[str]:
    return [worker["id"] for worker in (await engines(gateway))[service]["workers"]]


async def test_an_announced_engine_is_listed(gateway: Gateway, workers: FakeWorkers):
    found = await engines(gateway)
    assert sorted(found) == ["mux", "tts", "video", "voice"]
    tts = found["tts"]
    assert (tts["name"], tts["version"], tts["device_class"]) == (workers["tts"].spec.name, "1", "cpu")
    assert (tts["limits"]["max_characters"], tts["limits"]["max_seconds"]) == (1000, None)
    (worker,) = tts["workers"]
    assert (worker["id"], worker["concurrency"], worker["running"]) == (
        workers["tts"].worker_id,
        CONCURRENCY,
        0,
    )
    models = (await gateway.http.get("/v1/models")).json()["data"]
    assert [model["id"] for model in models] == [workers["video"].spec.name, workers["tts"].spec.name]
    voices = (await gateway.http.get("/v1/voices", params={"language": "DE"})).json()["data"]
    assert [(voice["id"], voice["engine"]) for voice in voices] == [("de", workers["tts"].spec.name)]


async def test_a_workers_load_follows_its_announcements(gateway: Gateway, workers: FakeWorkers):
    await workers["tts"].announce(running=1)

    async def is_busy() -> bool:
        return (await engines(gateway))["tts"]["workers"][0]["running"] == 1

    await eventually(is_busy)


async def test_an_engine_stays_listed_when_its_worker_leaves(gateway: Gateway, workers: FakeWorkers):
    await workers["tts"].announce(leaving=True)

    async def has_left() -> bool:
        return await workers_of(gateway, "tts") == []

    await eventually(has_left)
    assert await workers_of(gateway, "mux") == [workers["mux"].worker_id]
    assert (await gateway.http.get(f"/v1/models/{workers['tts'].spec.name}")).status_code == 200


async def test_a_silent_worker_is_forgotten(build_settings: BuildSettings, broker: NatsBroker, bus: NatsBus):
    settings = build_settings(broker, worker_timeout_seconds=0.5)
    async with run_gateway(settings) as gateway:
        await gateway.register(FakeWorkers(bus, gateway.components.store))

        async def are_forgotten() -> bool:
            return await gateway.components.pool.fetchval("SELECT count(*) FROM workers") == 0

        await eventually(are_forgotten)
        assert await workers_of(gateway, "tts") == []


async def test_the_catalogue_survives_a_restart(
    build_settings: BuildSettings, broker: NatsBroker, bus: NatsBus
):
    settings = build_settings(broker)
    async with run_gateway(settings) as first:
        refused = await first.http.post("/v1/videos", json={"script": "Hello."})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "engine_unavailable")
        await first.register(FakeWorkers(bus, first.components.store))
    async with run_gateway(settings) as second:
        assert sorted(await engines(second)) == ["mux", "tts", "video", "voice"]
        assert (await second.create(script="Hello."))["status"] == "queued"


async def test_an_unreadable_announcement_does_not_stop_the_others(gateway: Gateway, bus: NatsBus):
    await bus.broadcast(Envelope(ENGINES, "garbage", b"\xff\xff", {"ce-type": "likeness.Unknown"}))
    workers = FakeWorkers(bus, gateway.components.store)
    poison = FakeWorkers(bus, gateway.components.store)["tts"]
    poison.worker_id = "a\x00b"
    await poison.announce()
    await gateway.register(workers)
    assert await workers_of(gateway, "tts") == [workers["tts"].worker_id]
