"""Engines and workers as the API lists them."""

from typing import Any

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.subjects import ENGINES
from tests.integration.gateway.conftest import BuildSettings
from tests.integration.gateway.fake_workers import CONCURRENCY, FakeWorkers
from tests.integration.gateway.gateway import Gateway, gateway_of
from tests.integration.gateway.waiting import eventually
from tests.servers import NatsBroker


async def engines(gateway: Gateway) -> dict[str, Any]:
    """By service."""
    listed = (await gateway.http.get("/v1/engines")).raise_for_status().json()["data"]
    return {engine["service"]: engine for engine in listed}


async def workers_of(gateway: Gateway, service: str) -> list[str]:
    return [worker["id"] for worker in (await engines(gateway))[service]["workers"]]


async def test_what_has_announced_itself_is_listed(gateway: Gateway, studio: FakeWorkers):
    found = await engines(gateway)
    assert sorted(found) == ["mux", "tts", "video", "voice"]
    tts = found["tts"]
    assert (tts["name"], tts["version"], tts["device_class"]) == (studio["tts"].spec.name, "1", "cpu")
    assert (tts["limits"]["max_characters"], tts["limits"]["max_seconds"]) == (1000, None)
    (worker,) = tts["workers"]
    assert (worker["id"], worker["concurrency"], worker["running"]) == (
        studio["tts"].worker_id,
        CONCURRENCY,
        0,
    )
    models = (await gateway.http.get("/v1/models")).json()["data"]
    assert [model["id"] for model in models] == [studio["video"].spec.name, studio["tts"].spec.name]
    voices = (await gateway.http.get("/v1/voices", params={"language": "DE"})).json()["data"]
    assert [(voice["id"], voice["engine"]) for voice in voices] == [("de", studio["tts"].spec.name)]


async def test_how_busy_a_worker_is_follows_its_announcements(gateway: Gateway, studio: FakeWorkers):
    await studio["tts"].announce(running=1)

    async def is_busy() -> bool:
        return (await engines(gateway))["tts"]["workers"][0]["running"] == 1

    await eventually(is_busy)


async def test_a_worker_that_leaves_is_forgotten_and_its_engine_is_not(gateway: Gateway, studio: FakeWorkers):
    await studio["tts"].announce(leaving=True)

    async def has_left() -> bool:
        return await workers_of(gateway, "tts") == []

    await eventually(has_left)
    assert await workers_of(gateway, "mux") == [studio["mux"].worker_id]
    assert (await gateway.http.get(f"/v1/models/{studio['tts'].spec.name}")).status_code == 200


async def test_a_silent_worker_is_forgotten(build_settings: BuildSettings, broker: NatsBroker, bus: NatsBus):
    settings = build_settings(broker, worker_timeout_seconds=0.5)
    async with gateway_of(settings) as gateway:
        await gateway.meet(FakeWorkers(bus, gateway.components.store))

        async def are_forgotten() -> bool:
            return await gateway.components.pool.fetchval("SELECT count(*) FROM workers") == 0

        await eventually(are_forgotten)
        assert await workers_of(gateway, "tts") == []


async def test_the_catalogue_survives_a_restart(
    build_settings: BuildSettings, broker: NatsBroker, bus: NatsBus
):
    settings = build_settings(broker)
    async with gateway_of(settings) as first:
        refused = await first.http.post("/v1/videos", json={"script": "Hello."})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "engine_unavailable")
        await first.meet(FakeWorkers(bus, first.components.store))
    async with gateway_of(settings) as second:
        assert sorted(await engines(second)) == ["mux", "tts", "video", "voice"]
        assert (await second.create(script="Hello."))["status"] == "queued"


async def test_an_announcement_that_cannot_be_read_does_not_stop_the_others(gateway: Gateway, bus: NatsBus):
    await bus.broadcast(Envelope(ENGINES, "garbage", b"\xff\xff", {"ce-type": "likeness.Unknown"}))
    studio = FakeWorkers(bus, gateway.components.store)
    poison = FakeWorkers(bus, gateway.components.store)["tts"]
    poison.worker_id = "a\x00b"
    await poison.announce()
    await gateway.meet(studio)
    assert await workers_of(gateway, "tts") == [studio["tts"].worker_id]
