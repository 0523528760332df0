"""Guarantees of every bus about work queues and deliveries."""

import asyncio

import pytest

from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.bus.subjects import STATUS
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import first_text, message, next_item, receive_texts, send, text_of

LEAVE_SECONDS = 10.0


async def test_a_message_arrives_as_it_was_sent(bus: Bus, queue: str) -> None:
    sent = message(queue, "hello")
    await bus.publish(sent)
    async with bus.consume(queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        assert delivery.envelope == sent
        assert delivery.attempt == 1
        await delivery.ack()


@pytest.mark.parametrize("data", [b"", bytes(range(256)), b"x" * 300_000], ids=["empty", "binary", "big"])
async def test_any_bytes_arrive(bus: Bus, queue: str, data: bytes) -> None:
    headers = {
        "ce-id": queue,
        "ce-source": "/tests/ä",
        "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
    }
    sent = Envelope(subject=queue, id=queue, data=data, headers=headers)
    await bus.publish(sent)
    async with bus.consume(queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        assert delivery.envelope == sent
        await delivery.ack()


async def test_messages_wait_for_a_consumer(bus: Bus, queue: str) -> None:
    await send(bus, queue, "1", "2", "3")
    async with bus.consume(queue, prefetch=1) as deliveries:
        assert sorted(await receive_texts(deliveries, 3)) == ["1", "2", "3"]


async def test_a_consumer_waits_for_messages(bus: Bus, queue: str) -> None:
    async with bus.consume(queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(next_item(deliveries))
        await asyncio.sleep(0)
        await send(bus, queue, "1")
        assert text_of(await waiting) == "1"


async def test_an_acknowledged_message_is_gone(bus: Bus, queue: str) -> None:
    await send(bus, queue, "done", "next")
    assert await first_text(bus, queue) == "done"
    assert await first_text(bus, queue) == "next"


async def test_queues_do_not_mix(bus: Bus, queue: str, harness: Harness) -> None:
    other = await harness.queue()
    await send(bus, other, "other")
    await send(bus, queue, "mine")
    assert await first_text(bus, queue) == "mine"
    assert await first_text(bus, other) == "other"


async def test_one_bus_consumes_several_queues(bus: Bus, queue: str, harness: Harness) -> None:
    other = await harness.queue()
    async with bus.consume(queue, prefetch=1) as ones, bus.consume(other, prefetch=1) as others:
        await send(bus, other, "other")
        await send(bus, queue, "mine")
        assert await receive_texts(ones, 1) == ["mine"]
        assert await receive_texts(others, 1) == ["other"]


async def test_deliveries_can_be_ended_in_any_order(bus: Bus, queue: str) -> None:
    await send(bus, queue, "1", "2", "3")
    async with bus.consume(queue, prefetch=3) as deliveries:
        by_text = {
            text_of(delivery): delivery for delivery in [await next_item(deliveries) for _ in range(3)]
        }
        await by_text["3"].ack()
        await by_text["1"].ack()
    assert await first_text(bus, queue) == "2"


async def test_a_released_message_is_delivered_again(bus: Bus, queue: str) -> None:
    await send(bus, queue, "again")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await next_item(deliveries)).release()
        again = await next_item(deliveries)
        assert (text_of(again), again.attempt) == ("again", 2)
        await again.ack()


async def test_a_released_message_is_delivered_to_another_consumer(connect: Connect, queue: str) -> None:
    one, two = await connect(), await connect()
    await send(one, queue, "again")
    async with one.consume(queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        await deliveries.aclose()
        await delivery.release()
        assert await first_text(two, queue) == "again"


async def test_a_delayed_message_does_not_block_others(bus: Bus, queue: str) -> None:
    """The others wait already: to send one afterwards may take a busy machine longer than the delay."""
    sent = message(queue, "later")
    await bus.publish(sent)
    async with bus.consume(queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        await send(bus, queue, "now")
        began = asyncio.get_running_loop().time()
        await delivery.release(delay=0.5)
        assert await receive_texts(deliveries, 1) == ["now"]
        again = await next_item(deliveries)
        assert asyncio.get_running_loop().time() - began >= 0.5
        assert (again.envelope, again.attempt) == (sent, 2)
        await again.ack()


async def test_competing_consumers_share_the_messages(connect: Connect, queue: str) -> None:
    buses = [await connect() for _ in range(3)]
    expected = {str(number) for number in range(60)}
    received: list[list[str]] = [[], [], []]
    everything = asyncio.Event()

    async def work(bus: Bus, mine: list[str]) -> None:
        async with bus.consume(queue, prefetch=2) as deliveries:
            async for delivery in deliveries:
                mine.append(text_of(delivery))
                await delivery.ack()
                if sum(map(len, received)) >= len(expected):
                    everything.set()

    workers = [asyncio.create_task(work(bus, mine)) for bus, mine in zip(buses, received, strict=True)]
    await send(buses[0], queue, *sorted(expected))
    async with asyncio.timeout(20):
        await everything.wait()
    for worker in workers:
        worker.cancel()
    await asyncio.wait(workers)
    assert sorted(text for mine in received for text in mine) == sorted(expected)


async def test_every_competitor_is_served(connect: Connect, queue: str) -> None:
    one, two = await connect(), await connect()
    async with one.consume(queue, prefetch=1) as ones, two.consume(queue, prefetch=1) as twos:
        waiting = [asyncio.create_task(next_item(deliveries)) for deliveries in (ones, twos)]
        await send(one, queue, "1", "2")
        served = await asyncio.gather(*waiting)
        assert sorted(map(text_of, served)) == ["1", "2"]
        for delivery in served:
            await delivery.ack()


async def test_a_wildcard_takes_every_subject_below_it(connect: Connect, status_subject: str) -> None:
    one, two = await connect(), await connect()
    sent = [f"{status_subject}.{end}" for end in ("tts", "voice", "video", "mux", "tts", "deep.er")]
    received: list[str] = []
    everything = asyncio.Event()

    async def work(bus: Bus) -> None:
        async with bus.consume(f"{STATUS}.>", prefetch=1) as deliveries:
            async for delivery in deliveries:
                received.append(delivery.envelope.subject)
                await delivery.ack()
                if len(received) == len(sent):
                    everything.set()

    workers = [asyncio.create_task(work(bus)) for bus in (one, two)]
    for each in sent:
        await send(one, each, "x")
    async with asyncio.timeout(20):
        await everything.wait()
    for worker in workers:
        worker.cancel()
    await asyncio.wait(workers)
    assert sorted(received) == sorted(sent)


async def test_a_message_below_a_wildcard_waits_for_its_consumer(bus: Bus, status_subject: str) -> None:
    await send(bus, status_subject, "waits")
    assert await first_text(bus, f"{STATUS}.>") == "waits"


@pytest.fixture(scope="module")
async def empty_queue(harness: Harness) -> str:
    return await harness.queue()


@pytest.mark.parametrize("turns", range(0, 240, 6))
async def test_a_consumer_can_be_left_at_any_moment(bus: Bus, empty_queue: str, turns: int) -> None:
    """It is cancelled after `turns` turns of the event loop, whatever it awaits then."""

    async def work() -> None:
        async with bus.consume(empty_queue, prefetch=1) as deliveries:
            async for delivery in deliveries:
                await delivery.ack()

    working = asyncio.create_task(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    working.cancel()
    _, stuck = await asyncio.wait({working}, timeout=LEAVE_SECONDS)
    assert not stuck
