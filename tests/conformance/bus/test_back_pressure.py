"""What every bus guarantees about how much a consumer has in hand."""

import asyncio

import pytest

from services.chassis.bus.protocol import Bus, Delivery
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.messages import arrival, send, take, text_of


async def nothing_more(deliveries: "asyncio.Task[Delivery]") -> bool:
    """For a moment; a broker that does not heed the limit delivers within milliseconds."""
    await asyncio.wait({deliveries}, timeout=0.3)
    return not deliveries.done()


async def test_no_more_than_the_prefetch_is_in_hand(connect: Connect, queue: str) -> None:
    greedy, other = await connect(), await connect()
    async with greedy.consume(queue, prefetch=2) as held:
        await send(greedy, queue, *map(str, range(6)))
        first = [await arrival(held), await arrival(held)]
        async with other.consume(queue, prefetch=10) as deliveries:
            rest = await take(deliveries, 4)
        assert sorted([*map(text_of, first), *rest]) == list(map(str, range(6)))
        await send(greedy, queue, "6")
        await first[0].ack()
        assert await take(held, 1) == ["6"]


@pytest.mark.parametrize("end", ["ack", "reject"])
async def test_whoever_ends_one_gets_one(bus: Bus, queue: str, end: str) -> None:
    await send(bus, queue, "1", "2", "3")
    async with bus.consume(queue, prefetch=1) as deliveries:
        first = await arrival(deliveries)
        second = asyncio.create_task(arrival(deliveries))
        assert await nothing_more(second)
        await (first.ack() if end == "ack" else first.reject())
        assert {text_of(first), text_of(await second)} < {"1", "2", "3"}


async def test_a_slow_consumer_of_many_gets_all(bus: Bus, queue: str) -> None:
    texts = [str(number) for number in range(200)]
    sending = asyncio.create_task(send(bus, queue, *texts))
    received: list[str] = []
    async with bus.consume(queue, prefetch=5) as deliveries:
        while len(received) < len(texts):
            batch = [await arrival(deliveries) for _ in range(5)]
            received += map(text_of, batch)
            await asyncio.gather(*(delivery.ack() for delivery in batch))
    await sending
    assert sorted(received) == sorted(texts)


async def test_big_messages_do_not_choke_it(bus: Bus, queue: str) -> None:
    texts = [str(number) * 900_000 for number in range(8)]
    await asyncio.gather(*(send(bus, queue, text) for text in texts))
    async with bus.consume(queue, prefetch=8) as deliveries:
        assert sorted(await take(deliveries, 8)) == sorted(texts)


async def test_a_consumer_that_takes_nothing_holds_up_no_other(connect: Connect, queue: str) -> None:
    idle, other = await connect(), await connect()
    async with idle.consume(queue, prefetch=100), other.consume(queue, prefetch=1) as deliveries:
        await send(other, queue, "1", "2", "3")
        assert sorted(await take(deliveries, 3)) == ["1", "2", "3"]
