"""Messages that stay unacknowledged beyond RabbitMQ's `consumer_timeout`.

These tests outlast a short timeout, and therefore run concurrently.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from services.chassis.bus.rabbitmq.bus import RabbitmqBus
from tests.conformance.bus.harness import new_queue
from tests.conformance.bus.messages import ARRIVAL_SECONDS, next_item, receive_texts, send, text_of
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
) -> AsyncGenerator[RabbitmqBus]:
    bus = await RabbitmqBus.connect(
        broker.url, name="test", lease_seconds=lease_seconds, max_unacked_seconds=max_unacked_seconds
    )
    yield bus
    await bus.close()


async def outlast_consumer_timeout() -> None:
    """Waits for the timeout and the broker's next check; it checks four times in the timeout."""
    await asyncio.sleep(1.5 * CONSUMER_TIMEOUT_SECONDS)


async def a_message_that_is_not_moved_goes_to_another(broker: RabbitmqBroker) -> None:
    """Without the private queue the broker takes the message: this proves that the other tests test it."""
    queue = new_queue()
    async with (
        connected(broker, max_unacked_seconds=600.0) as careless,
        connected(broker) as other,
        careless.consume(queue, prefetch=1) as open_deliveries,
    ):
        await send(other, queue, "taken")
        await next_item(open_deliveries)
        async with other.consume(queue, prefetch=1) as deliveries:
            again = await next_item(deliveries)
            assert again.attempt == 2
            await again.ack()


async def a_moved_message_stays_with_its_handler(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as open_deliveries:
        await send(bus, queue, "moved")
        delivery = await next_item(open_deliveries)
        async with bus.consume(queue, prefetch=1) as deliveries:
            waiting = asyncio.create_task(anext(deliveries))
            await outlast_consumer_timeout()
            assert not waiting.done()
            await delivery.ack()
            await send(bus, queue, "next")
            async with asyncio.timeout(ARRIVAL_SECONDS):
                assert text_of(await waiting) == "next"


async def a_message_moved_by_a_dead_process_goes_to_another(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with (
        connected(broker) as survivor,
        connected(broker, lease_seconds=15.0) as closing,
        closing.consume(queue, prefetch=1) as open_deliveries,
    ):
        await send(survivor, queue, "moved")
        delivery = await next_item(open_deliveries)
        await outlast_consumer_timeout()
        await closing.close()
        async with survivor.consume(queue, prefetch=1) as deliveries:
            again = await next_item(deliveries)
            assert (again.envelope, again.attempt) == (delivery.envelope, 2)
            await again.ack()


async def a_moved_message_can_be_released(broker: RabbitmqBroker, delay: float = 0.0) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "moved")
        delivery = await next_item(deliveries)
        await outlast_consumer_timeout()
        await delivery.release(delay)
        again = await next_item(deliveries)
        assert (again.envelope, again.attempt) == (delivery.envelope, 2)
        await again.ack()


async def a_moved_message_can_be_released_with_a_delay(broker: RabbitmqBroker) -> None:
    await a_moved_message_can_be_released(broker, delay=0.2)


async def a_moved_message_can_be_rejected(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "poison")
        delivery = await next_item(deliveries)
        await outlast_consumer_timeout()
        await delivery.reject()
        await send(bus, queue, "next")
        assert await receive_texts(deliveries, 1) == ["next"]


async def a_moved_message_is_not_replaced_by_another(broker: RabbitmqBroker) -> None:
    queue = new_queue()
    async with connected(broker) as bus, bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "moved")
        delivery = await next_item(deliveries)
        await send(bus, queue, "next")
        waiting = asyncio.create_task(anext(deliveries))
        await outlast_consumer_timeout()
        assert not waiting.done()
        await delivery.ack()
        async with asyncio.timeout(ARRIVAL_SECONDS):
            next_one = await waiting
        assert text_of(next_one) == "next"
        await next_one.ack()


OBSERVATIONS: dict[str, Callable[[RabbitmqBroker], Awaitable[None]]] = {
    observation.__name__: observation
    for observation in (
        a_message_that_is_not_moved_goes_to_another,
        a_moved_message_stays_with_its_handler,
        a_message_moved_by_a_dead_process_goes_to_another,
        a_moved_message_can_be_released,
        a_moved_message_can_be_released_with_a_delay,
        a_moved_message_can_be_rejected,
        a_moved_message_is_not_replaced_by_another,
    )
}


@pytest.fixture(scope="module")
async def observed(rabbitmq: RabbitmqBroker) -> Observed:
    return await observe({name: each(rabbitmq) for name, each in OBSERVATIONS.items()})


@pytest.mark.parametrize("observation", OBSERVATIONS)
async def test_beyond_consumer_timeout(observed: Observed, observation: str) -> None:
    report(observed, observation)
