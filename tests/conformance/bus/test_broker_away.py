"""What every bus guarantees while its broker is away, and right after. One outage for all tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import arrival, message, send

BOUND_SECONDS = 30.0
"""Nothing that the bus does may hang longer than this."""


@dataclass(frozen=True, slots=True)
class Outage:
    bus: Bus
    queue: str
    in_hand: list[Delivery]
    leave: Callable[[], Awaitable[None]]


@pytest.fixture(scope="module")
async def outage(harness: Harness) -> AsyncIterator[Outage]:
    """The broker is killed; what was taken before is still in hand."""
    async with AsyncExitStack() as staying, AsyncExitStack() as leaving:
        bus, queue = await harness.connect(), await harness.queue()
        staying.push_async_callback(bus.close)
        in_hand = await take_six(bus, queue, staying)
        other = await harness.connect()
        leaving.push_async_callback(other.close)
        await take_six(other, await harness.queue(), leaving)
        await leaving.enter_async_context(other.listen(CANCEL))
        await harness.broker.kill()
        yield Outage(bus, queue, in_hand, leaving.aclose)
        await harness.broker.start()


async def take_six(bus: Bus, queue: str, stack: AsyncExitStack) -> list[Delivery]:
    await send(bus, queue, *map(str, range(6)))
    deliveries = await stack.enter_async_context(bus.consume(queue, prefetch=6))
    return [await arrival(deliveries) for _ in range(6)]


async def enter(bus: Bus, queue: str) -> None:
    async with bus.consume(queue, prefetch=1):
        pass


async def listen(bus: Bus) -> None:
    async with bus.listen(CANCEL):
        pass


ASKING: dict[str, Callable[[Bus, str], Awaitable[None]]] = {
    "publish": lambda bus, queue: bus.publish(message(queue, "x")),
    "broadcast": lambda bus, queue: bus.broadcast(message(CANCEL, "x")),
    "check": lambda bus, queue: bus.check(),
    "consume": enter,
    "listen": lambda bus, queue: listen(bus),
}


@pytest.fixture(scope="module")
async def refusals(outage: Outage) -> dict[str, BaseException | None]:
    """All are asked at once: each may take its time to be refused."""
    async with asyncio.timeout(BOUND_SECONDS):
        asked = [ask(outage.bus, outage.queue) for ask in ASKING.values()]
        return dict(zip(ASKING, await asyncio.gather(*asked, return_exceptions=True), strict=True))


@pytest.mark.parametrize("asking", ASKING)
async def test_what_needs_it_fails_in_bounded_time(
    refusals: dict[str, BaseException | None], asking: str
) -> None:
    assert isinstance(refusals[asking], BusUnavailable)


SAYING: dict[str, Callable[[Delivery], Awaitable[None]]] = {
    "ack": lambda delivery: delivery.ack(),
    "release": lambda delivery: delivery.release(),
    "release later": lambda delivery: delivery.release(delay=1.0),
    "reject": lambda delivery: delivery.reject(),
    "extend": lambda delivery: delivery.extend(),
}


@pytest.fixture(scope="module")
async def answers(outage: Outage) -> dict[str, BaseException | None]:
    async with asyncio.timeout(BOUND_SECONDS):
        said = [say(delivery) for say, delivery in zip(SAYING.values(), outage.in_hand, strict=False)]
        return dict(zip(SAYING, await asyncio.gather(*said, return_exceptions=True), strict=True))


@pytest.mark.parametrize("saying", SAYING)
async def test_what_is_said_of_a_delivery_is_lost_or_fails_in_bounded_time(
    answers: dict[str, BaseException | None], saying: str
) -> None:
    assert answers[saying] is None or isinstance(answers[saying], BusUnavailable)


async def test_leaving_and_closing_do_not_hang(outage: Outage) -> None:
    async with asyncio.timeout(BOUND_SECONDS):
        await outage.leave()
