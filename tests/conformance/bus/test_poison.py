"""Guarantees of every bus about messages that no consumer can handle."""

import asyncio

import pytest

from services.chassis.bus.protocol import Bus
from tests.conformance.bus.messages import first_text, next_item, receive_texts, send

MAX_DELIVERIES = 5


async def test_a_rejected_message_is_never_delivered_again(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await next_item(deliveries)).reject()
    await send(bus, queue, "next")
    assert await first_text(bus, queue) == "next"


async def test_a_message_rejected_after_a_release_is_never_delivered_again(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await next_item(deliveries)).release()
        await (await next_item(deliveries)).reject()
        await send(bus, queue, "next")
        assert await receive_texts(deliveries, 1) == ["next"]


@pytest.mark.parametrize("delay", [0.0, 0.05])
async def test_a_message_that_is_always_released_is_delivered_five_times(
    bus: Bus, queue: str, delay: float
) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        attempts: list[int] = []
        for _ in range(MAX_DELIVERIES):
            delivery = await next_item(deliveries)
            attempts.append(delivery.attempt)
            await delivery.release(delay)
        assert attempts == list(range(1, MAX_DELIVERIES + 1))
        await send(bus, queue, "next")
        assert await receive_texts(deliveries, 1) == ["next"]


async def test_a_poison_message_does_not_block_others(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison", *map(str, range(10)))
    received: list[str] = []
    async with bus.consume(queue, prefetch=1) as deliveries:
        async with asyncio.timeout(20):
            while len(received) < 10:
                delivery = await next_item(deliveries)
                if (text := delivery.envelope.data.decode()) == "poison":
                    await delivery.reject()
                else:
                    received.append(text)
                    await delivery.ack()
    assert sorted(received) == list(map(str, range(10)))
