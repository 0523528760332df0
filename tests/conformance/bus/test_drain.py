"""Guarantees of every bus to a consumer that leaves."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from services.chassis.aio import CANCEL_RETRY_SECONDS
from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import (
    ARRIVAL_SECONDS,
    first_text,
    message,
    next_item,
    receive_texts,
    send,
    text_of,
)
from tests.conformance.bus.operations import BUS_OPERATIONS, publish_with_retries
from tests.conformance.bus.proxied_connection import ProxiedConnection


async def test_leaving_releases_what_was_not_ended(bus: Bus, queue: str) -> None:
    await send(bus, queue, "kept")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await next_item(deliveries)
    async with bus.consume(queue, prefetch=1) as deliveries:
        again = await next_item(deliveries)
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
        running = await next_item(deliveries)
        await deliveries.aclose()
        async with other.consume(queue, prefetch=1) as others:
            prefetched = await next_item(others)
            assert {text_of(running), text_of(prefetched)} == {"one", "two"}
            assert prefetched.attempt in (1, 2)
            await prefetched.ack()
            await send(other, queue, "next")
            assert await receive_texts(others, 1) == ["next"]
        await running.ack()
    await send(other, queue, "last")
    assert await first_text(other, queue) == "last"


async def test_a_released_message_goes_to_another_consumer_at_once(connect: Connect, queue: str) -> None:
    draining, other = await connect(), await connect()
    await send(other, queue, "running")
    async with draining.consume(queue, prefetch=1) as deliveries:
        running = await next_item(deliveries)
        await deliveries.aclose()
        async with other.consume(queue, prefetch=1) as others:
            waiting = asyncio.create_task(next_item(others))
            await running.release()
            again = await waiting
            assert (text_of(again), again.attempt) == ("running", 2)
            await again.ack()


async def test_cancelling_the_waiting_task_stops_the_fetching(connect: Connect, queue: str) -> None:
    draining, other = await connect(), await connect()
    async with draining.consume(queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(next_item(deliveries))
        await send(other, queue, "first")
        delivery = await waiting
        await delivery.ack()
        waiting = asyncio.create_task(next_item(deliveries))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        await send(other, queue, "next")
        assert await first_text(other, queue) == "next"


async def test_operations_after_leaving_are_harmless(bus: Bus, queue: str) -> None:
    await send(bus, queue, "left")
    async with bus.consume(queue, prefetch=1) as deliveries:
        left = await next_item(deliveries)
    async with bus.consume(queue, prefetch=1) as deliveries:
        again = await next_item(deliveries)
        await left.extend()
        await again.ack()
    await send(bus, queue, "next")
    assert await first_text(bus, queue) == "next"


async def test_a_consumer_that_has_left_receives_nothing_sent_afterwards(
    connection: ProxiedConnection,
) -> None:
    """Leaving waits until the broker knows of it, however slow the connection is."""
    async with connection.bus.consume(connection.queue, prefetch=10) as deliveries:
        await send(connection.other, connection.queue, "before")
        assert await receive_texts(deliveries, 1) == ["before"]
        connection.proxy.slow_down()
        await deliveries.aclose()
        connection.proxy.freeze()
        await send(connection.other, connection.queue, "after")
        connection.proxy.speed_up()
        connection.proxy.thaw()
    async with connection.other.consume(connection.queue, prefetch=1) as deliveries:
        after = await next_item(deliveries)
        assert (text_of(after), after.attempt) == ("after", 1)
        await after.ack()


async def test_a_message_sent_while_a_consumer_leaves_goes_to_another_at_once(
    harness: Harness, connection: ProxiedConnection
) -> None:
    """The connection is frozen for longer than a cancellation takes to be repeated, and works afterwards."""
    other = await harness.connect(lease_seconds=2 * ARRIVAL_SECONDS)
    async with connection.bus.consume(connection.queue, prefetch=10) as deliveries:
        await send(connection.other, connection.queue, "before")
        assert await receive_texts(deliveries, 1) == ["before"]
        async with other.consume(connection.queue, prefetch=1) as others:
            await leave_over_a_frozen_connection(connection, deliveries, "meanwhile")
            assert await receive_texts(others, 1) == ["meanwhile"]
            await send(connection.bus, connection.queue, "after")
            assert await receive_texts(others, 1) == ["after"]
    await other.close()


async def leave_over_a_frozen_connection(
    connection: ProxiedConnection, deliveries: AsyncGenerator[Delivery], meanwhile: str
) -> None:
    connection.proxy.freeze()
    leaving = asyncio.create_task(deliveries.aclose())
    await send(connection.other, connection.queue, meanwhile)
    await asyncio.wait({leaving}, timeout=2 * CANCEL_RETRY_SECONDS)
    connection.proxy.thaw()
    await leaving


async def test_a_consumer_that_loses_its_connection_while_leaving_has_left(
    connection: ProxiedConnection,
) -> None:
    """It does not receive again: each such delivery would count towards the last."""
    async with connection.bus.consume(connection.queue, prefetch=10) as deliveries:
        await send(connection.other, connection.queue, "before")
        assert await receive_texts(deliveries, 1) == ["before"]
        connection.proxy.freeze()
        leaving = asyncio.create_task(deliveries.aclose())
        await asyncio.sleep(0.1)  # until its request is sent; if it is not, another case is tested
        connection.proxy.cut()
        connection.proxy.thaw()
        await leaving
        await publish_with_retries(connection.bus, message(connection.queue, "after"))
        async with connection.other.consume(connection.queue, prefetch=1) as others:
            while await receive_texts(others, 1) != ["after"]:
                pass  # the acknowledgement may not have got through


async def test_a_queue_can_be_consumed_again_after_leaving(bus: Bus, queue: str) -> None:
    for text in ("1", "2", "3"):
        await send(bus, queue, text)
        assert await first_text(bus, queue) == text


@pytest.mark.parametrize("operation", BUS_OPERATIONS)
async def test_a_closed_bus_refuses_operations(harness: Harness, queue: str, operation: str) -> None:
    bus = await harness.connect()
    await bus.close()
    with pytest.raises(BusUnavailable):
        await BUS_OPERATIONS[operation](bus, queue)
