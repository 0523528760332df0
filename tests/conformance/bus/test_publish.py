"""Guarantees of every bus to publishers."""

import asyncio

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.errors import InvalidArgument
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.harness import new_queue
from tests.conformance.bus.messages import first_text, message, receive_texts, send

MEBIBYTE = 1 << 20


async def test_a_message_waits_for_an_engine_without_consumers(bus: Bus) -> None:
    queue = new_queue()
    await send(bus, queue, "early")
    assert await first_text(bus, queue) == "early"


async def test_many_messages_wait_for_an_engine_without_consumers(connect: Connect) -> None:
    queue, buses = new_queue(), [await connect() for _ in range(3)]
    texts = [str(number) for number in range(30)]
    await asyncio.gather(*(send(buses[int(text) % 3], queue, text) for text in texts))
    async with buses[0].consume(queue, prefetch=30) as deliveries:
        assert sorted(await receive_texts(deliveries, 30)) == sorted(texts)


async def test_a_message_published_twice_is_not_lost_and_harms_nothing(bus: Bus, queue: str) -> None:
    """The message arrives once or twice: a broker with deduplication drops the second."""
    twice = message(queue, "twice")
    for _ in range(2):
        await bus.publish(twice)
    await send(bus, queue, "last")
    async with bus.consume(queue, prefetch=1) as deliveries:
        texts = await receive_texts(deliveries, 2)
        if "last" not in texts:
            texts += await receive_texts(deliveries, 1)
    assert sorted(texts) in (["last", "twice"], ["last", "twice", "twice"])


async def test_a_message_published_twice_at_once_is_not_lost(bus: Bus, queue: str) -> None:
    twice = message(queue, "twice")
    await asyncio.gather(*(bus.publish(twice) for _ in range(2)))
    assert await first_text(bus, queue) == "twice"


async def test_a_thousand_concurrent_messages_all_arrive(bus: Bus, queue: str) -> None:
    texts = [str(number) for number in range(1000)]
    await asyncio.gather(*(bus.publish(message(queue, text)) for text in texts))
    async with bus.consume(queue, prefetch=100) as deliveries:
        assert sorted(await receive_texts(deliveries, 1000)) == sorted(texts)


async def test_a_cancelled_publisher_does_not_affect_others(bus: Bus, queue: str) -> None:
    for turns in range(20):
        cancelled = asyncio.create_task(bus.publish(message(queue, "perhaps")))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled.cancel()
    await send(bus, queue, "surely")
    async with bus.consume(queue, prefetch=1) as deliveries:
        while await receive_texts(deliveries, 1) != ["surely"]:
            pass


async def test_a_message_just_below_the_limit_is_accepted(bus: Bus, queue: str) -> None:
    text = "x" * (MEBIBYTE - 2048)
    await send(bus, queue, text)
    assert await first_text(bus, queue) == text


@pytest.mark.parametrize("size", [MEBIBYTE - 100, MEBIBYTE, 2 * MEBIBYTE])
async def test_a_message_that_is_too_big_is_refused_and_harms_nothing(
    bus: Bus, queue: str, size: int
) -> None:
    with pytest.raises(InvalidArgument):
        await bus.publish(message(queue, "x" * size))
    await send(bus, queue, "next")
    assert await first_text(bus, queue) == "next"


async def test_headers_count_against_the_limit(bus: Bus, queue: str) -> None:
    with pytest.raises(InvalidArgument):
        await bus.publish(message(queue, "x" * (MEBIBYTE - 2048), id="i" * 4096))
