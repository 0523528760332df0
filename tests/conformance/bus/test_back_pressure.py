"""Guarantees of every bus about the number of unacknowledged messages of a consumer."""

import asyncio

import pytest

from services.chassis.bus.protocol import Bus, Delivery
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.messages import next_item, receive_texts, send, text_of


async def receives_nothing(deliveries: "asyncio.Task[Delivery]") -> bool:
    """Tells whether nothing arrives for a moment; a broker that ignores the limit delivers within
    milliseconds.
    """
    await asyncio.wait({deliveries}, timeout=0.3)
    return not deliveries.done()


async def test_no_more_than_the_prefetch_is_unacknowledged(connect: Connect, queue: str) -> None:
    greedy, other = await connect(), await connect()
    async with greedy.consume(queue, prefetch=2) as open_deliveries:
        await send(greedy, queue, *map(str, range(6)))
        first = [await next_item(open_deliveries), await next_item(open_deliveries)]
        async with other.consume(queue, prefetch=10) as deliveries:
            rest = await receive_texts(deliveries, 4)
        assert sorted([*map(text_of, first), *rest]) == list(map(str, range(6)))
        await send(greedy, queue, "6")
        await first[0].ack()
        assert await receive_texts(open_deliveries, 1) == ["6"]


@pytest.mark.parametrize("end", ["ack", "reject"])
async def test_ending_a_delivery_makes_room_for_the_next(bus: Bus, queue: str, end: str) -> None:
    await send(bus, queue, "1", "2", "3")
    async with bus.consume(queue, prefetch=1) as deliveries:
        first = await next_item(deliveries)
        second = asyncio.create_task(next_item(deliveries))
        assert await receives_nothing(second)
        await (first.ack() if end == "ack" else first.reject())
        assert {text_of(first), text_of(await second)} < {"1", "2", "3"}


async def test_a_slow_consumer_of_many_gets_all(bus: Bus, queue: str) -> None:
    texts = [str(number) for number in range(200)]
    sending = asyncio.create_task(send(bus, queue, *texts))
    received: list[str] = []
    async with bus.consume(queue, prefetch=5) as deliveries:
        while len(received) < len(texts):
            batch = [await next_item(deliveries) for _ in range(5)]
            received += map(text_of, batch)
            await asyncio.gather(*(delivery.ack() for delivery in batch))
    await sending
    assert sorted(received) == sorted(texts)


async def test_big_messages_do_not_block_a_consumer(bus: Bus, queue: str) -> None:
    texts = [str(number) * 900_000 for number in range(8)]
    await asyncio.gather(*(send(bus, queue, text) for text in texts))
    async with bus.consume(queue, prefetch=8) as deliveries:
        assert sorted(await receive_texts(deliveries, 8)) == sorted(texts)


async def test_an_idle_consumer_does_not_block_others(connect: Connect, queue: str) -> None:
    idle, other = await connect(), await connect()
    async with idle.consume(queue, prefetch=100), other.consume(queue, prefetch=1) as deliveries:
        await send(other, queue, "1", "2", "3")
        assert sorted(await receive_texts(deliveries, 3)) == ["1", "2", "3"]
