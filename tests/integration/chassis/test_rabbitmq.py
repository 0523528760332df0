"""Behaviour that is particular to RabbitMQ."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from services.chassis.bus.rabbitmq.bus import RabbitmqBus
from services.chassis.bus.rabbitmq.topology import DEAD, SETTLED, WORK, dead_queue, work_queue
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.harness import new_queue
from tests.conformance.bus.messages import ARRIVAL_SECONDS, first_text, next_item, send, text_of
from tests.servers import RabbitmqBroker

LEASE_SECONDS = 20.0
CHANNELS = 100


async def connect(broker: RabbitmqBroker) -> RabbitmqBus:
    return await RabbitmqBus.connect(broker.url, name="test", lease_seconds=LEASE_SECONDS)


@pytest.fixture
async def bus(rabbitmq: RabbitmqBroker) -> AsyncIterator[RabbitmqBus]:
    bus = await connect(rabbitmq)
    yield bus
    await bus.close()


@pytest.fixture
async def channel(rabbitmq: RabbitmqBroker) -> AsyncIterator[AbstractChannel]:
    """A channel of its own, to look into the broker."""
    connection = await aio_pika.connect(rabbitmq.url)
    async with connection, connection.channel() as channel:
        yield channel


@pytest.fixture
def queue() -> str:
    return new_queue()


async def dead_letter(channel: AbstractChannel) -> bytes:
    queue = await channel.get_queue(DEAD, ensure=False)
    async with asyncio.timeout(ARRIVAL_SECONDS), queue.iterator() as letters:
        async for letter in letters:
            await letter.ack()
            return letter.body
    raise AssertionError


async def test_queues_are_as_the_design_says(bus: RabbitmqBus, channel: AbstractChannel, queue: str) -> None:
    """The broker refuses to declare a queue again with other arguments."""
    await send(bus, queue, "x")
    for made in (work_queue(queue), dead_queue()):
        await channel.declare_queue(made.name, durable=True, arguments=made.arguments)


async def test_rejected_messages_are_found_among_the_dead_letters(
    bus: RabbitmqBus, channel: AbstractChannel, queue: str
) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await next_item(deliveries)).reject()
        assert await dead_letter(channel) == b"poison"


async def test_messages_delivered_too_often_are_found_among_the_dead_letters(
    bus: RabbitmqBus, channel: AbstractChannel, queue: str
) -> None:
    await send(bus, queue, "hopeless")
    async with bus.consume(queue, prefetch=1) as deliveries:
        for _ in range(5):
            await (await next_item(deliveries)).release()
        assert await dead_letter(channel) == b"hopeless"


@pytest.mark.parametrize("published_seconds_later", [0.0, 0.1])
async def test_a_deleted_queue_is_created_again(
    rabbitmq: RabbitmqBroker, channel: AbstractChannel, queue: str, published_seconds_later: float
) -> None:
    """A message published at the same moment may be lost, but not the consumer."""
    bus = await RabbitmqBus.connect(rabbitmq.url, name="test", lease_seconds=2.0)
    async with bus.consume(queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(next_item(deliveries))
        await send(bus, queue, "before")
        await (await waiting).ack()
        waiting = asyncio.create_task(next_item(deliveries))
        await channel.queue_delete(queue)
        await asyncio.sleep(published_seconds_later)
        while not waiting.done():
            await send(bus, queue, "after")
            await asyncio.wait({waiting}, timeout=0.5)
        assert text_of(await waiting) == "after"
    await bus.close()


async def test_a_deleted_exchange_is_created_again(
    bus: RabbitmqBus, channel: AbstractChannel, queue: str
) -> None:
    await send(bus, queue, "before")
    await channel.exchange_delete(WORK)
    async with asyncio.timeout(ARRIVAL_SECONDS):
        while True:
            try:
                await send(bus, queue, "after")
                break
            except BusUnavailable:
                continue
    async with bus.consume(queue, prefetch=2) as deliveries:
        assert {text_of(await next_item(deliveries)) for _ in range(2)} == {"before", "after"}


async def test_a_queue_lost_while_it_is_created_is_created_again(tmp_path: Path) -> None:
    """The broker is killed before the queue's name is on disk."""
    queue, broker = "likeness.stages.v1.test.lost", RabbitmqBroker(tmp_path / "rabbitmq")
    await broker.start()
    bus = await connect(broker)
    lost = work_queue(queue)
    connection = await aio_pika.connect(broker.url)
    async with connection, connection.channel() as channel:
        await channel.declare_queue(lost.name, durable=True, arguments=lost.arguments)
        await broker.kill()
    await broker.start()
    async with asyncio.timeout(ARRIVAL_SECONDS):
        while True:
            try:
                await send(bus, queue, "after")
                break
            except BusUnavailable:
                continue
    assert await first_text(bus, queue) == "after"
    await bus.close()
    await broker.stop()


async def test_the_marks_of_settled_queues_keep_no_messages(
    bus: RabbitmqBus, channel: AbstractChannel, queue: str
) -> None:
    await send(bus, queue, "x")
    async with bus.consume(queue, prefetch=1):
        marks = await channel.declare_queue(SETTLED, passive=True)
        assert marks.declaration_result.message_count == 0


async def test_a_channel_leaves_nothing_behind(bus: RabbitmqBus) -> None:
    """Every health check opens a channel, and a connection may live for weeks."""
    await bus.check()
    objects = living_objects()
    for _ in range(CHANNELS):
        await bus.check()
    assert living_objects() - objects < CHANNELS


def living_objects() -> int:
    gc.collect()
    return len(gc.get_objects())
