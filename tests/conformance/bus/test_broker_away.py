"""What every bus guarantees while its broker is away. One outage for all tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack

import pytest

from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.asking import ASKING, BOUND_SECONDS, SAYING
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import arrival, send
from tests.observing import Observed, observe, report


@pytest.fixture(scope="module")
async def observed(harness: Harness) -> AsyncIterator[Observed]:
    """The broker is killed; what was taken before is still in hand."""
    async with AsyncExitStack() as staying, AsyncExitStack() as leaving:
        bus, queue = await connect(harness, staying), await harness.queue()
        in_hand = await take(bus, queue, staying, len(SAYING) + 1)
        other = await connect(harness, leaving)
        await take(other, await harness.queue(), leaving, 3)
        await leaving.enter_async_context(other.listen(CANCEL))
        await harness.broker.kill()
        made: dict[str, Awaitable[None]] = {"leave": leaving.aclose()}
        made |= {name: ask(bus, queue) for name, ask in ASKING.items()}
        made |= {name: say(each) for (name, say), each in zip(SAYING.items(), in_hand, strict=False)}
        async with asyncio.timeout(BOUND_SECONDS):
            observed = await observe(made)
        yield observed
        await harness.broker.start()


async def connect(harness: Harness, stack: AsyncExitStack) -> Bus:
    bus = await harness.connect()
    stack.push_async_callback(bus.close)
    return bus


async def take(bus: Bus, queue: str, stack: AsyncExitStack, count: int) -> list[Delivery]:
    await send(bus, queue, *map(str, range(count)))
    deliveries = await stack.enter_async_context(bus.consume(queue, prefetch=count))
    return [await arrival(deliveries) for _ in range(count)]


@pytest.mark.parametrize("asking", ASKING)
async def test_what_needs_it_fails_in_bounded_time(observed: Observed, asking: str) -> None:
    assert isinstance(observed[asking], BusUnavailable)


@pytest.mark.parametrize("saying", SAYING)
async def test_what_is_said_of_a_delivery_is_lost_or_fails(observed: Observed, saying: str) -> None:
    assert observed[saying] is None or isinstance(observed[saying], BusUnavailable)


async def test_leaving_and_closing_do_not_hang(observed: Observed) -> None:
    report(observed, "leave")
