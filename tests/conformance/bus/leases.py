"""Guarantees of every bus about leases. They take long to observe, and therefore run concurrently."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from services.chassis.bus.protocol import Bus
from tests.conformance.bus.harness import SHORT_LEASE_SECONDS, Harness
from tests.conformance.bus.killable_consumer import KillableConsumer, killable_consumer
from tests.conformance.bus.messages import first_text, next_item, receive_texts, send, text_of

MAX_DELIVERIES = 5
SOON_SECONDS = 30.0


@asynccontextmanager
async def buses(harness: Harness, count: int) -> AsyncGenerator[list[Bus]]:
    """Connects `count` buses with short leases."""
    connected = [await harness.connect(lease_seconds=SHORT_LEASE_SECONDS) for _ in range(count)]
    yield connected
    await asyncio.gather(*(bus.close() for bus in connected))


async def a_handler_may_take_twenty_leases(harness: Harness) -> None:
    """A handler that extends its delivery keeps it, on RabbitMQ beyond `consumer_timeout`, too."""
    queue = await harness.queue()
    async with (
        buses(harness, 2) as (slow, eager),
        slow.consume(queue, prefetch=1) as open_deliveries,
        eager.consume(queue, prefetch=1) as deliveries,
    ):
        slow_delivery = asyncio.create_task(next_item(open_deliveries))
        await send(slow, queue, "slow")
        delivery = await slow_delivery
        other = asyncio.create_task(anext(deliveries))
        for _ in range(20 * 4):
            await asyncio.sleep(SHORT_LEASE_SECONDS / 4)
            await delivery.extend()
        assert not other.done()
        await delivery.ack()
        await send(slow, queue, "next")
        async with asyncio.timeout(SOON_SECONDS):
            assert text_of(await other) == "next"


async def a_silent_handlers_message_goes_to_another(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 2) as (silent, other), silent.consume(queue, prefetch=1) as open_deliveries:
        await send(other, queue, "kept")
        await next_item(open_deliveries)
        assert await attempt_of_next(other, queue) == 2


async def a_handler_that_stops_extending_loses_its_message(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 2) as (silent, other), silent.consume(queue, prefetch=1) as open_deliveries:
        await send(other, queue, "kept")
        delivery = await next_item(open_deliveries)
        for _ in range(8):
            await asyncio.sleep(SHORT_LEASE_SECONDS / 4)
            await delivery.extend()
        assert await attempt_of_next(other, queue) == 2
        await delivery.extend()
        await send(other, queue, "next")
        assert await first_text(other, queue) == "next"


async def a_silent_handler_gets_no_other_message(harness: Harness) -> None:
    """A handler that is silent beyond its lease gets no other message before it ends its delivery."""
    queue = await harness.queue()
    async with buses(harness, 2) as (silent, other), silent.consume(queue, prefetch=1) as open_deliveries:
        await send(other, queue, "kept")
        delivery = await next_item(open_deliveries)
        assert await attempt_of_next(other, queue) == 2
        more = asyncio.create_task(anext(open_deliveries))
        await send(other, queue, "next")
        assert await first_text(other, queue) == "next"
        assert not more.done()
        await delivery.ack()
        await send(other, queue, "mine")
        async with asyncio.timeout(SOON_SECONDS):
            assert text_of(await more) == "mine"


async def a_message_is_leased_five_times_at_most(harness: Harness) -> None:
    queue = await harness.queue()
    async with (
        buses(harness, 1) as (bus,),
        bus.consume(queue, prefetch=MAX_DELIVERIES + 1) as open_deliveries,
    ):
        await send(bus, queue, "poison")
        attempts = [(await next_item(open_deliveries)).attempt for _ in range(MAX_DELIVERIES)]
        assert attempts == list(range(1, MAX_DELIVERIES + 1))
        await asyncio.sleep(2 * SHORT_LEASE_SECONDS)
        await send(bus, queue, "next")
        assert await receive_texts(open_deliveries, 1) == ["next"]


@asynccontextmanager
async def a_killable_consumer(harness: Harness) -> AsyncGenerator[tuple[KillableConsumer, Bus, str]]:
    """Yields a consumer with an open delivery in another process, a bus that outlives it, and their queue."""
    queue = await harness.queue()
    async with buses(harness, 1) as (survivor,):
        await send(survivor, queue, "kept")
        async with killable_consumer(harness.name, harness.broker.url, queue) as consumer:
            yield consumer, survivor, queue


async def a_killed_consumers_message_goes_to_another(harness: Harness) -> None:
    async with a_killable_consumer(harness) as (consumer, survivor, queue):
        consumer.kill()
        assert await attempt_of_next(survivor, queue) == 2


async def a_frozen_consumers_message_goes_to_another(harness: Harness) -> None:
    """What a frozen consumer sends when it wakes up is harmless."""
    async with a_killable_consumer(harness) as (consumer, survivor, queue):
        consumer.freeze()
        assert await attempt_of_next(survivor, queue) == 2
        await consumer.wake_and_acknowledge()
        await send(survivor, queue, "next")
        assert await first_text(survivor, queue) == "next"


async def a_message_that_ends_every_consumer_is_delivered_five_times(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 1) as (bus,):
        await send(bus, queue, "poison")
        for attempt in range(1, MAX_DELIVERIES + 1):
            async with buses(harness, 1) as (closing,), closing.consume(queue, prefetch=1) as deliveries:
                assert (await next_item(deliveries)).attempt == attempt
                await closing.close()
        await send(bus, queue, "next")
        assert await first_text(bus, queue) == "next"


async def a_closed_bus_loses_its_deliveries(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 2) as (closing, survivor), closing.consume(queue, prefetch=1) as deliveries:
        await send(survivor, queue, "kept")
        await next_item(deliveries)
        await closing.close()
        assert await attempt_of_next(survivor, queue) == 2


async def a_draining_consumer_can_extend_its_deliveries(harness: Harness) -> None:
    queue = await harness.queue()
    async with (
        buses(harness, 2) as (draining, other),
        draining.consume(queue, prefetch=1) as deliveries,
        other.consume(queue, prefetch=1) as others,
    ):
        await send(other, queue, "running")
        running = await next_item(deliveries)
        await deliveries.aclose()
        waiting = asyncio.create_task(anext(others))
        for _ in range(12):
            await running.extend()
            await asyncio.sleep(SHORT_LEASE_SECONDS / 4)
        assert not waiting.done()
        await running.ack()
        await send(other, queue, "next")
        async with asyncio.timeout(SOON_SECONDS):
            assert text_of(await waiting) == "next"


async def attempt_of_next(bus: Bus, queue: str) -> int:
    """Acknowledges the next message, which must be "kept", and returns its attempt."""
    async with asyncio.timeout(SOON_SECONDS), bus.consume(queue, prefetch=1) as deliveries:
        delivery = await anext(deliveries)
        assert text_of(delivery) == "kept"
        await delivery.ack()
        return delivery.attempt


LEASES: dict[str, Callable[[Harness], Awaitable[None]]] = {
    observation.__name__: observation
    for observation in (
        a_handler_may_take_twenty_leases,
        a_silent_handlers_message_goes_to_another,
        a_handler_that_stops_extending_loses_its_message,
        a_silent_handler_gets_no_other_message,
        a_message_is_leased_five_times_at_most,
        a_killed_consumers_message_goes_to_another,
        a_frozen_consumers_message_goes_to_another,
        a_message_that_ends_every_consumer_is_delivered_five_times,
        a_closed_bus_loses_its_deliveries,
        a_draining_consumer_can_extend_its_deliveries,
    )
}
