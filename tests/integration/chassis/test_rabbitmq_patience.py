"""RabbitMQ takes a message from who has it in hand for longer than `consumer_timeout`.

These tests outlast a short one, and so they run side by side.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from services.chassis.bus.rabbitmq.bus import RabbitmqBus
from tests.conformance.bus.harness import new_queue
from tests.conformance.bus.messages import ARRIVAL_SECONDS, arrival, send, take, text_of
from tests.integration.chassis.conftest import CONSUMER_TIMEOUT_SECONDS
from tests.observing import Observed, observe, report
from tests.servers import RabbitmqBroker

MAX_UNACKED_SECONDS = 0.5
LEASE_SECONDS = 60.0


@asynccontextmanager
async def connected(
    broker: RabbitmqBroker,
    *,
    max_unacked_seconds: float = MAX_UNACKED_SECONDS,
    lease_seconds: float = LEASE_SECONDS,
) -> AsyncIterator[RabbitmqBus]:
    bus = await RabbitmqBus.connect(
        broker.url, name="test", lease_seconds=lease_seconds, max_unacked_seconds=max_unacked_seconds
    )
    yield bus
    await bus.close()


async def outlast_the_broker() -> None:
    """With its checks, which come four times in the timeout."""
    await asyncio.sleep(1.5 * CONSUMER_TIMEOUT_SECONDS)


async def the_broker_takes_what_is_not_held(broker: RabbitmqBroker) -> None:
    """So that the others prove something."""
    queue = new_queue()
    async with (
        connected(broker, max_unacked_seconds=600.0) as careless,
        connected(broker) as other,
        careless.consume(queue, prefetch=1) as held,
    ):
        await send(other, queue, "taken")
        await arrival(held)
        async with other.consume(queue, prefetch=1) as deliveries:
            again = await arrival(deliveries)
            assert again.attempt == 2
            await again.ack()


async def what_is_held_stays_with_its_handler(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as held:
        await send(bus, queue, "held")
        delivery = await arrival(held)
        async with bus.consume(queue, prefetch=1) as deliveries:
            waiting = asyncio.create_task(anext(deliveries))
            await outlast_the_broker()
            assert not waiting.done()
            await delivery.ack()
            await send(bus, queue, "next")
            async with asyncio.timeout(ARRIVAL_SECONDS):
                assert text_of(await waiting) == "next"


async def what_a_dead_process_held_goes_to_another(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with (
        connected(broker) as survivor,
        connected(broker, lease_seconds=15.0) as doomed,
        doomed.consume(queue, prefetch=1) as held,
    ):
        await send(survivor, queue, "held")
        delivery = await arrival(held)
        await outlast_the_broker()
        await doomed.close()
        async with survivor.consume(queue, prefetch=1) as deliveries:
            again = await arrival(deliveries)
            assert (again.envelope, again.attempt) == (delivery.envelope, 2)
            await again.ack()


async def what_is_held_can_be_released(broker: RabbitmqBroker, delay: float = 0.0) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "held")
        delivery = await arrival(deliveries)
        await outlast_the_broker()
        await delivery.release(delay)
        again = await arrival(deliveries)
        assert (again.envelope, again.attempt) == (delivery.envelope, 2)
        await again.ack()


async def what_is_held_can_be_released_for_later(broker: RabbitmqBroker) -> None:
    await what_is_held_can_be_released(broker, delay=0.2)


async def what_is_held_can_be_rejected(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "poison")
        delivery = await arrival(deliveries)
        await outlast_the_broker()
        await delivery.reject()
        await send(bus, queue, "next")
        assert await take(deliveries, 1) == ["next"]


async def what_is_held_is_not_replaced_by_another(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "held")
        delivery = await arrival(deliveries)
        await send(bus, queue, "next")
        waiting = asyncio.create_task(anext(deliveries))
        await outlast_the_broker()
        assert not waiting.done()
        await delivery.ack()
        async with asyncio.timeout(ARRIVAL_SECONDS):
            next_one = await waiting
        assert text_of(next_one) == "next"
        await next_one.ack()


OBSERVATIONS: dict[str, Callable[[RabbitmqBroker], Awaitable[None]]] = {
    observation.__name__: observation
    for observation in (
        the_broker_takes_what_is_not_held,
        what_is_held_stays_with_its_handler,
        what_a_dead_process_held_goes_to_another,
        what_is_held_can_be_released,
        what_is_held_can_be_released_for_later,
        what_is_held_can_be_rejected,
        what_is_held_is_not_replaced_by_another,
    )
}


@pytest.fixture(scope="module")
async def observed(rabbitmq: RabbitmqBroker) -> Observed:
    return await observe({name: each(rabbitmq) for name, each in OBSERVATIONS.items()})


@pytest.mark.parametrize("observation", OBSERVATIONS)
async def test_beyond_the_brokers_patience(observed: Observed, observation: str) -> None:
    report(observed, observation)
