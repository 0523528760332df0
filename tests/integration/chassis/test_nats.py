"""What is particular to NATS."""

import nats
import pytest
from nats.js.api import RetentionPolicy, StorageType

from services.chassis.bus.nats import NatsBus
from services.chassis.bus.nats_topology import MAX_ACK_PENDING, MAX_DELIVERIES
from services.chassis.errors import BusUnavailable
from tests.servers import NatsBroker


async def test_production_refuses_a_single_server(broker: NatsBroker) -> None:
    with pytest.raises(BusUnavailable, match="replicas"):
        await NatsBus.connect(broker.url, name="test", lease_seconds=60, production=True)
    bus = await NatsBus.connect(broker.url, name="test", lease_seconds=60)
    await bus.close()
    with pytest.raises(BusUnavailable):
        await NatsBus.connect(broker.url, name="test", lease_seconds=60, production=True)


async def test_streams_and_consumers_are_as_the_design_says(broker: NatsBroker) -> None:
    subject = "likeness.stages.v1.tts.espeak"
    bus = await NatsBus.connect(broker.url, name="test", lease_seconds=60)
    async with bus.consume(subject, prefetch=1):
        client = await nats.connect(broker.url)
        jetstream = client.jetstream()
        for stream, subjects in (
            ("likeness-stages", "likeness.stages.v1.>"),
            ("likeness-status", "likeness.status.v1.>"),
        ):
            config = (await jetstream.stream_info(stream)).config
            assert config.subjects == [subjects]
            assert config.retention == RetentionPolicy.WORK_QUEUE
            assert config.storage == StorageType.FILE
            assert config.duplicate_window == 600
        consumer = await jetstream.consumer_info("likeness-stages", "likeness__stages__v1__tts__espeak")
        assert consumer.config.ack_wait == 60
        assert consumer.config.max_deliver == MAX_DELIVERIES
        assert consumer.config.max_ack_pending == MAX_ACK_PENDING
        assert not consumer.config.backoff
        await client.close()
    await bus.close()


async def test_a_changed_lease_reaches_a_consumer_that_exists(broker: NatsBroker) -> None:
    subject = "likeness.stages.v1.voice.world"
    for lease in (60.0, 30.0):
        bus = await NatsBus.connect(broker.url, name="test", lease_seconds=lease)
        async with bus.consume(subject, prefetch=1):
            pass
        await bus.close()
    client = await nats.connect(broker.url)
    consumer = await client.jetstream().consumer_info("likeness-stages", "likeness__stages__v1__voice__world")
    assert consumer.config.ack_wait == 30
    await client.close()
