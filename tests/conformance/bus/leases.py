"""What every bus guarantees over time. It takes long to see, and so all is observed side by side."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from services.chassis.bus.protocol import Bus
from tests.conformance.bus.harness import SHORT_LEASE_SECONDS, Harness
from tests.conformance.bus.killable_consumer import DoomedConsumer, doomed_consumer
from tests.conformance.bus.messages import arrival, first_text, send, take, text_of

MAX_DELIVERIES = 5
SOON_SECONDS = 30.0


@asynccontextmanager
async def buses(harness: Harness, count: int) -> AsyncIterator[list[Bus]]:
    connected = [await harness.connect(lease_seconds=SHORT_LEASE_SECONDS) for _ in range(count)]
    yield connected
    await asyncio.gather(*(bus.close() for bus in connected))


async def a_handler_may_take_twenty_leases(harness: Harness) -> None:
    """And, on RabbitMQ, longer than the broker lets a message be in hand."""
    queue = await harness.queue()
    async with (
        buses(harness, 2) as (slow, eager),
        slow.consume(queue, prefetch=1) as held,
        eager.consume(queue, prefetch=1) as deliveries,
    ):
        slow_one = asyncio.create_task(arrival(held))
        await send(slow, queue, "slow")
        delivery = await slow_one
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
    async with buses(harness, 2) as (silent, other), silent.consume(queue, prefetch=1) as held:
        await send(other, queue, "kept")
        await arrival(held)
        assert await attempt_of_next(other, queue) == 2


async def a_handler_that_falls_silent_loses_its_message(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 2) as (silent, other), silent.consume(queue, prefetch=1) as held:
        await send(other, queue, "kept")
        delivery = await arrival(held)
        for _ in range(8):
            await asyncio.sleep(SHORT_LEASE_SECONDS / 4)
            await delivery.extend()
        assert await attempt_of_next(other, queue) == 2
        await delivery.extend()
        await send(other, queue, "next")
        assert await first_text(other, queue) == "next"


async def a_silent_handler_gets_no_other_message(harness: Harness) -> None:
    """Its hand is full until it says what it has done."""
    queue = await harness.queue()
    async with buses(harness, 2) as (silent, other), silent.consume(queue, prefetch=1) as held:
        await send(other, queue, "kept")
        delivery = await arrival(held)
        assert await attempt_of_next(other, queue) == 2
        more = asyncio.create_task(anext(held))
        await send(other, queue, "next")
        assert await first_text(other, queue) == "next"
        assert not more.done()
        await delivery.ack()
        await send(other, queue, "mine")
        async with asyncio.timeout(SOON_SECONDS):
            assert text_of(await more) == "mine"


async def a_message_is_not_leased_for_ever(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 1) as (bus,), bus.consume(queue, prefetch=MAX_DELIVERIES + 1) as held:
        await send(bus, queue, "poison")
        attempts = [(await arrival(held)).attempt for _ in range(MAX_DELIVERIES)]
        assert attempts == list(range(1, MAX_DELIVERIES + 1))
        await asyncio.sleep(2 * SHORT_LEASE_SECONDS)
        await send(bus, queue, "next")
        assert await take(held, 1) == ["next"]


@asynccontextmanager
async def a_doomed_one(harness: Harness) -> AsyncIterator[tuple[DoomedConsumer, Bus, str]]:
    """A consumer with a message in hand, a bus that outlives it, and their queue."""
    queue = await harness.queue()
    async with buses(harness, 1) as (survivor,):
        await send(survivor, queue, "kept")
        async with doomed_consumer(harness.name, harness.broker.url, queue) as doomed:
            yield doomed, survivor, queue


async def a_killed_consumers_message_goes_to_another(harness: Harness) -> None:
    async with a_doomed_one(harness) as (doomed, survivor, queue):
        doomed.kill()
        assert await attempt_of_next(survivor, queue) == 2


async def a_frozen_consumers_message_goes_to_another(harness: Harness) -> None:
    """And what it says when it wakes up is harmless."""
    async with a_doomed_one(harness) as (doomed, survivor, queue):
        doomed.freeze()
        assert await attempt_of_next(survivor, queue) == 2
        await doomed.wake_and_acknowledge()
        await send(survivor, queue, "next")
        assert await first_text(survivor, queue) == "next"


async def a_message_that_ends_every_consumer_is_not_delivered_for_ever(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 1) as (bus,):
        await send(bus, queue, "poison")
        for attempt in range(1, MAX_DELIVERIES + 1):
            async with buses(harness, 1) as (doomed,), doomed.consume(queue, prefetch=1) as deliveries:
                assert (await arrival(deliveries)).attempt == attempt
                await doomed.close()
        await send(bus, queue, "next")
        assert await first_text(bus, queue) == "next"


async def a_bus_that_is_closed_loses_what_it_had(harness: Harness) -> None:
    queue = await harness.queue()
    async with buses(harness, 2) as (doomed, survivor), doomed.consume(queue, prefetch=1) as deliveries:
        await send(survivor, queue, "kept")
        await arrival(deliveries)
        await doomed.close()
        assert await attempt_of_next(survivor, queue) == 2


async def who_drains_can_extend_what_is_in_hand(harness: Harness) -> None:
    queue = await harness.queue()
    async with (
        buses(harness, 2) as (draining, other),
        draining.consume(queue, prefetch=1) as deliveries,
        other.consume(queue, prefetch=1) as others,
    ):
        await send(other, queue, "running")
        running = await arrival(deliveries)
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
        a_handler_that_falls_silent_loses_its_message,
        a_silent_handler_gets_no_other_message,
        a_message_is_not_leased_for_ever,
        a_killed_consumers_message_goes_to_another,
        a_frozen_consumers_message_goes_to_another,
        a_message_that_ends_every_consumer_is_not_delivered_for_ever,
        a_bus_that_is_closed_loses_what_it_had,
        who_drains_can_extend_what_is_in_hand,
    )
}
