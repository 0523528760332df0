"""Behaviour that is particular to NATS."""

# pyright: reportUnknownMemberType=false
# (nats-py leaves its keyword arguments without a type)

import nats
import pytest
from nats.js.api import RetentionPolicy, StorageType

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.nats.topology import MAX_ACK_PENDING, MAX_DELIVERIES, STAGE_MAX_AGE_SECONDS
from services.chassis.bus.protocol import Envelope
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
        for stream, subjects, max_age in (
            ("likeness-stages", "likeness.stages.v1.>", STAGE_MAX_AGE_SECONDS),
            ("likeness-status", "likeness.status.v1.>", 0),
        ):
            config = (await jetstream.stream_info(stream)).config
            assert config.subjects == [subjects, f"likeness.health.v1.{stream}"]
            assert config.retention == RetentionPolicy.WORK_QUEUE
            assert config.storage == StorageType.FILE
            assert config.duplicate_window == 600
            assert config.max_age == max_age
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


async def test_an_existing_stream_is_given_its_limits(broker: NatsBroker) -> None:
    client = await nats.connect(broker.url)
    jetstream = client.jetstream()
    await jetstream.delete_stream("likeness-stages")
    await jetstream.add_stream(
        name="likeness-stages", subjects=["likeness.stages.v1.>"], retention=RetentionPolicy.WORK_QUEUE
    )
    bus = await NatsBus.connect(broker.url, name="test", lease_seconds=60)
    config = (await jetstream.stream_info("likeness-stages")).config
    assert (config.max_age, config.duplicate_window) == (STAGE_MAX_AGE_SECONDS, 600)
    await client.close()
    await bus.close()


async def test_a_message_with_a_known_id_is_dropped(broker: NatsBroker) -> None:
    subject = "likeness.stages.v1.video.puppet"
    bus = await NatsBus.connect(broker.url, name="test", lease_seconds=60)
    for id, data in (("1", b"first"), ("1", b"second"), ("2", b"next")):
        await bus.publish(Envelope(subject=subject, id=id, data=data, headers={"ce-id": id}))
    async with bus.consume(subject, prefetch=2) as deliveries:
        received = [await anext(deliveries) for _ in range(2)]
        assert [delivery.envelope.data for delivery in received] == [b"first", b"next"]
        for delivery in received:
            await delivery.ack()
    await bus.close()


async def test_an_acknowledgement_across_a_restart_counts(own_broker: NatsBroker) -> None:
    subject = "likeness.stages.v1.mux.ffmpeg"
    bus = await NatsBus.connect(own_broker.url, name="test", lease_seconds=60)
    async with bus.consume(subject, prefetch=1) as deliveries:
        await bus.publish(Envelope(subject=subject, id="1", data=b"open"))
        delivery = await anext(deliveries)
        await own_broker.stop()
        await own_broker.start()
        await delivery.ack()
        await bus.publish(Envelope(subject=subject, id="2", data=b"next"))
        next_one = await anext(deliveries)
        assert next_one.envelope.data == b"next"
        await next_one.ack()
    await bus.close()
