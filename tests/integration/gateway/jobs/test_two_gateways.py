"""Two gateways on one database and one bus share the work."""

import asyncio
from collections import Counter

from services.chassis.bus.nats.bus import NatsBus
from tests.integration.gateway.conftest import BuildSettings
from tests.integration.gateway.fake_workers import FakeWorkers
from tests.integration.gateway.gateway import Gateway, gateway_of
from tests.servers import NatsBroker

VIDEOS = 12


async def test_each_fact_counts_once_whoever_takes_it_in(
    build_settings: BuildSettings, gateway: Gateway, studio: FakeWorkers, broker: NatsBroker
):
    async with gateway_of(build_settings(broker)) as second:
        gateways = (gateway, second)
        await second.meet(studio)
        videos = await asyncio.gather(
            *(gateways[number % 2].create(script=f"Number {number}.") for number in range(VIDEOS))
        )
        ended = await asyncio.gather(
            *(gateways[(number + 1) % 2].ended(video["id"]) for number, video in enumerate(videos))
        )
    assert [video["status"] for video in ended] == ["completed"] * VIDEOS
    for service in ("tts", "video", "mux"):
        asked = Counter(request.stage.stage_id for request in studio[service].requests)
        assert (len(asked), set(asked.values())) == (VIDEOS, {1})
    rows = await gateway.components.pool.fetch(
        "SELECT job_id, count(*) AS completed FROM events WHERE type = 'stage.completed' GROUP BY job_id"
    )
    assert {row["job_id"]: row["completed"] for row in rows} == {video["id"]: 3 for video in videos}


async def test_one_goes_on_where_the_other_has_stopped(
    build_settings: BuildSettings, gateway: Gateway, broker: NatsBroker, bus: NatsBus
):
    studio = FakeWorkers(bus, gateway.components.store)
    async with gateway_of(build_settings(broker)) as second:
        await second.meet(studio)
        video = await second.create(script="Hello.")
    async with studio.working():
        assert (await gateway.ended(video["id"]))["status"] == "completed"
