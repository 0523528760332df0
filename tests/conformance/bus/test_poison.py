"""What every bus guarantees about messages that nobody can handle."""

import asyncio

import pytest

from services.chassis.bus.protocol import Bus
from tests.conformance.bus.messages import arrival, first_text, send, take

MAX_DELIVERIES = 5


async def test_a_rejected_message_never_comes_again(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await arrival(deliveries)).reject()
    await send(bus, queue, "next")
    assert await first_text(bus, queue) == "next"


async def test_one_that_is_rejected_later_never_comes_again(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await arrival(deliveries)).release()
        await (await arrival(deliveries)).reject()
        await send(bus, queue, "next")
        assert await take(deliveries, 1) == ["next"]


@pytest.mark.parametrize("delay", [0.0, 0.05])
async def test_one_that_is_always_released_is_not_delivered_for_ever(
    bus: Bus, queue: str, delay: float
) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        attempts: list[int] = []
        for _ in range(MAX_DELIVERIES):
            delivery = await arrival(deliveries)
            attempts.append(delivery.attempt)
            await delivery.release(delay)
        assert attempts == list(range(1, MAX_DELIVERIES + 1))
        await send(bus, queue, "next")
        assert await take(deliveries, 1) == ["next"]


async def test_one_poison_holds_up_nobody(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison", *map(str, range(10)))
    received: list[str] = []
    async with bus.consume(queue, prefetch=1) as deliveries:
        async with asyncio.timeout(20):
            while len(received) < 10:
                delivery = await arrival(deliveries)
                if (text := delivery.envelope.data.decode()) == "poison":
                    await delivery.reject()
                else:
                    received.append(text)
                    await delivery.ack()
    assert sorted(received) == list(map(str, range(10)))
