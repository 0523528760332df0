"""What every bus guarantees to who leaves."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from services.chassis.aio import CANCEL_RETRY_SECONDS
from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.asking import ASKING, publish_until_taken
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import ARRIVAL_SECONDS, arrival, first_text, message, send, take, text_of
from tests.conformance.bus.proxied_connection import TestConnection


async def test_leaving_releases_what_was_not_ended(bus: Bus, queue: str) -> None:
    await send(bus, queue, "kept")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await arrival(deliveries)
    async with bus.consume(queue, prefetch=1) as deliveries:
        again = await arrival(deliveries)
        assert (text_of(again), again.attempt) == ("kept", 2)
        await again.ack()


async def test_leaving_at_once_loses_nothing(bus: Bus, queue: str) -> None:
    await send(bus, queue, "kept")
    async with bus.consume(queue, prefetch=10):
        pass
    assert await first_text(bus, queue) == "kept"


async def test_closing_the_generator_stops_the_fetching_only(connect: Connect, queue: str) -> None:
    draining, other = await connect(), await connect()
    await send(other, queue, "one", "two")
    async with draining.consume(queue, prefetch=2) as deliveries:
        running = await arrival(deliveries)
        await deliveries.aclose()
        async with other.consume(queue, prefetch=1) as others:
            prefetched = await arrival(others)
            assert {text_of(running), text_of(prefetched)} == {"one", "two"}
            assert prefetched.attempt in (1, 2)
            await prefetched.ack()
            await send(other, queue, "next")
            assert await take(others, 1) == ["next"]
        await running.ack()
    await send(other, queue, "last")
    assert await first_text(other, queue) == "last"


async def test_what_is_handed_back_goes_to_another_at_once(connect: Connect, queue: str) -> None:
    draining, other = await connect(), await connect()
    await send(other, queue, "running")
    async with draining.consume(queue, prefetch=1) as deliveries:
        running = await arrival(deliveries)
        await deliveries.aclose()
        async with other.consume(queue, prefetch=1) as others:
            waiting = asyncio.create_task(arrival(others))
            await running.release()
            again = await waiting
            assert (text_of(again), again.attempt) == ("running", 2)
            await again.ack()


async def test_cancelling_who_waits_stops_the_fetching(connect: Connect, queue: str) -> None:
    draining, other = await connect(), await connect()
    async with draining.consume(queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(arrival(deliveries))
        await send(other, queue, "first")
        delivery = await waiting
        await delivery.ack()
        waiting = asyncio.create_task(arrival(deliveries))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        await send(other, queue, "next")
        assert await first_text(other, queue) == "next"


async def test_what_is_said_after_leaving_is_harmless(bus: Bus, queue: str) -> None:
    await send(bus, queue, "left")
    async with bus.consume(queue, prefetch=1) as deliveries:
        left = await arrival(deliveries)
    async with bus.consume(queue, prefetch=1) as deliveries:
        again = await arrival(deliveries)
        await left.extend()
        await again.ack()
    await send(bus, queue, "next")
    assert await first_text(bus, queue) == "next"


async def test_what_is_sent_after_leaving_never_goes_to_who_left(line: TestConnection) -> None:
    """However long what he says takes: who has left is known to have left."""
    async with line.bus.consume(line.queue, prefetch=10) as deliveries:
        await send(line.other, line.queue, "before")
        assert await take(deliveries, 1) == ["before"]
        line.proxy.slow_down()
        await deliveries.aclose()
        line.proxy.freeze()
        await send(line.other, line.queue, "after")
        line.proxy.speed_up()
        line.proxy.thaw()
    async with line.other.consume(line.queue, prefetch=1) as deliveries:
        after = await arrival(deliveries)
        assert (text_of(after), after.attempt) == ("after", 1)
        await after.ack()


async def test_what_is_sent_while_one_leaves_goes_to_another_at_once(
    harness: Harness, line: TestConnection
) -> None:
    """Though the line stands still for so long that leaving is insisted upon; and it is of use afterwards."""
    other = await harness.connect(lease_seconds=2 * ARRIVAL_SECONDS)
    async with line.bus.consume(line.queue, prefetch=10) as deliveries:
        await send(line.other, line.queue, "before")
        assert await take(deliveries, 1) == ["before"]
        async with other.consume(line.queue, prefetch=1) as others:
            await leave_a_line_that_stands_still(line, deliveries, "meanwhile")
            assert await take(others, 1) == ["meanwhile"]
            await send(line.bus, line.queue, "after")
            assert await take(others, 1) == ["after"]
    await other.close()


async def leave_a_line_that_stands_still(
    line: TestConnection, deliveries: AsyncGenerator[Delivery], meanwhile: str
) -> None:
    line.proxy.freeze()
    leaving = asyncio.create_task(deliveries.aclose())
    await send(line.other, line.queue, meanwhile)
    await asyncio.wait({leaving}, timeout=2 * CANCEL_RETRY_SECONDS)
    line.proxy.thaw()
    await leaving


async def test_who_loses_the_connection_while_he_leaves_has_left(line: TestConnection) -> None:
    """And does not take up again what nobody of his waits for: soon that is delivered for the last time."""
    async with line.bus.consume(line.queue, prefetch=10) as deliveries:
        await send(line.other, line.queue, "before")
        assert await take(deliveries, 1) == ["before"]
        line.proxy.freeze()
        leaving = asyncio.create_task(deliveries.aclose())
        await asyncio.sleep(0.1)  # until it has spoken; if it has not, another case is tested
        line.proxy.cut()
        line.proxy.thaw()
        await leaving
        await publish_until_taken(line.bus, message(line.queue, "after"))
        async with line.other.consume(line.queue, prefetch=1) as others:
            while await take(others, 1) != ["after"]:
                pass  # the acknowledgement may not have got through


async def test_one_can_come_back(bus: Bus, queue: str) -> None:
    for text in ("1", "2", "3"):
        await send(bus, queue, text)
        assert await first_text(bus, queue) == text


@pytest.mark.parametrize("asking", ASKING)
async def test_a_bus_that_is_closed_refuses(harness: Harness, queue: str, asking: str) -> None:
    bus = await harness.connect()
    await bus.close()
    with pytest.raises(BusUnavailable):
        await ASKING[asking](bus, queue)
