"""Two gateways on one database and one bus share the work."""

import asyncio
from collections import Counter

from services.chassis.bus.nats.bus import NatsBus
from tests.integration.gateway.conftest import BuildSettings
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import Gateway, run_gateway
from tests.servers import NatsBroker

VIDEOS = 12


async def test_each_status_counts_once_whichever_gateway_receives_it(
    build_settings: BuildSettings, gateway: Gateway, workers: FakeWorkers, broker: NatsBroker
):
    async with run_gateway(build_settings(broker)) as second:
        gateways = (gateway, second)
        await second.register(workers)
        videos = await asyncio.gather(
            *(gateways[number % 2].create(script=f"Number {number}.") for number in range(VIDEOS))
        )
        ended = await asyncio.gather(
            *(gateways[(number + 1) % 2].ended(video["id"]) for number, video in enumerate(videos))
        )
    assert [video["status"] for video in ended] == ["completed"] * VIDEOS
    for service in ("tts", "video", "mux"):
        asked = Counter(request.stage.stage_id for request in workers[service].requests)
        assert (len(asked), set(asked.values())) == (VIDEOS, {1})
    rows = await gateway.components.pool.fetch(
        "SELECT job_id, count(*) AS completed FROM events WHERE type = 'stage.completed' GROUP BY job_id"
    )
    assert {row["job_id"]: row["completed"] for row in rows} == {video["id"]: 3 for video in videos}


async def test_one_gateway_continues_the_jobs_of_a_stopped_one(
    build_settings: BuildSettings, gateway: Gateway, broker: NatsBroker, bus: NatsBus
):
    workers = FakeWorkers(bus, gateway.components.store)
    async with run_gateway(build_settings(broker)) as second:
        await second.register(workers)
        video = await second.create(script="Hello.")
    async with workers.working():
        assert (await gateway.ended(video["id"]))["status"] == "completed"
