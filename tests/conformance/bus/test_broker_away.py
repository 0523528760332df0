"""Guarantees of every bus while its broker is away. One outage serves all tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack

import pytest

from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import next_item, send
from tests.conformance.bus.operations import BUS_OPERATIONS, DELIVERY_OPERATIONS, MAX_OPERATION_SECONDS
from tests.observing import Observed, observe, report


@pytest.fixture(scope="module")
async def observed(harness: Harness) -> AsyncIterator[Observed]:
    """Kills the broker and observes all operations; deliveries from before are still open."""
    async with AsyncExitStack() as staying, AsyncExitStack() as leaving:
        bus, queue = await connect(harness, staying), await harness.queue()
        open_deliveries = await receive_all(bus, queue, staying, len(DELIVERY_OPERATIONS) + 1)
        other = await connect(harness, leaving)
        await receive_all(other, await harness.queue(), leaving, 3)
        await leaving.enter_async_context(other.listen(CANCEL))
        await harness.broker.kill()
        made: dict[str, Awaitable[None]] = {"leave": leaving.aclose()}
        made |= {name: ask(bus, queue) for name, ask in BUS_OPERATIONS.items()}
        made |= {
            name: say(each)
            for (name, say), each in zip(DELIVERY_OPERATIONS.items(), open_deliveries, strict=False)
        }
        async with asyncio.timeout(MAX_OPERATION_SECONDS):
            observed = await observe(made)
        yield observed
        await harness.broker.start()


async def connect(harness: Harness, stack: AsyncExitStack) -> Bus:
    bus = await harness.connect()
    stack.push_async_callback(bus.close)
    return bus


async def receive_all(bus: Bus, queue: str, stack: AsyncExitStack, count: int) -> list[Delivery]:
    await send(bus, queue, *map(str, range(count)))
    deliveries = await stack.enter_async_context(bus.consume(queue, prefetch=count))
    return [await next_item(deliveries) for _ in range(count)]


@pytest.mark.parametrize("operation", BUS_OPERATIONS)
async def test_bus_operations_fail_in_bounded_time(observed: Observed, operation: str) -> None:
    assert isinstance(observed[operation], BusUnavailable)


@pytest.mark.parametrize("operation", DELIVERY_OPERATIONS)
async def test_delivery_operations_are_lost_or_fail(observed: Observed, operation: str) -> None:
    assert observed[operation] is None or isinstance(observed[operation], BusUnavailable)


async def test_leaving_and_closing_do_not_hang(observed: Observed) -> None:
    report(observed, "leave")
