"""What every bus guarantees when its connection is cut, whatever it waits for then; the broker is well."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import arrival, message, send, take, text_of
from tests.conformance.bus.proxy import Proxy
from tests.conformance.bus.test_broker_away import ASKING, BOUND_SECONDS
from tests.conformance.bus.test_comeback import publish_until_taken

ENDING: dict[str, Callable[[Delivery], Awaitable[None]]] = {
    "ack": lambda delivery: delivery.ack(),
    "release": lambda delivery: delivery.release(),
    "release later": lambda delivery: delivery.release(delay=0.5),
    "reject": lambda delivery: delivery.reject(),
}


@pytest.fixture(scope="module")
async def outcomes(harness: Harness) -> AsyncIterator[dict[str, BaseException | None]]:
    """Of everything that can be asked of a bus, cut while the answer is under way."""
    async with Proxy(harness.broker.url) as proxy:
        bus, queue = await harness.connect(proxy.url), await harness.queue()
        proxy.freeze()
        asked = [asyncio.create_task(_await(ask(bus, queue))) for ask in ASKING.values()]
        await asyncio.sleep(0.2)  # until all of them have spoken; later is as good
        proxy.cut()
        proxy.thaw()
        async with asyncio.timeout(BOUND_SECONDS):
            yield dict(zip(ASKING, await asyncio.gather(*asked, return_exceptions=True), strict=True))
        await bus.close()


async def _await(asked: Awaitable[None]) -> None:
    await asked


@pytest.mark.parametrize("asking", ASKING)
async def test_what_is_under_way_succeeds_or_fails_in_bounded_time(
    outcomes: dict[str, BaseException | None], asking: str
) -> None:
    assert outcomes[asking] is None or isinstance(outcomes[asking], BusUnavailable)


@pytest.mark.parametrize("asking", ASKING)
async def test_afterwards_it_works_again(line: Bus, proxy: Proxy, queue: str, asking: str) -> None:
    proxy.cut()
    async with asyncio.timeout(BOUND_SECONDS):
        while True:
            try:
                return await ASKING[asking](line, queue)
            except BusUnavailable:
                continue


async def test_no_confirmed_message_of_many_is_lost(line: Bus, bus: Bus, proxy: Proxy, queue: str) -> None:
    texts = [str(number) for number in range(200)]
    published = [asyncio.create_task(line.publish(message(queue, text))) for text in texts]
    proxy.cut_after(20_000)
    outcomes = await asyncio.gather(*published, return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, BusUnavailable) for outcome in outcomes)
    confirmed = {text for text, outcome in zip(texts, outcomes, strict=True) if outcome is None}
    await publish_until_taken(line, queue, "last")
    received: set[str] = set()
    async with bus.consume(queue, prefetch=50) as deliveries:
        while not confirmed | {"last"} <= received:
            received.update(await take(deliveries, 1))


async def test_a_consumer_that_waits_goes_on(line: Bus, bus: Bus, proxy: Proxy, queue: str) -> None:
    async with line.consume(queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(arrival(deliveries))
        await asyncio.sleep(0)
        proxy.cut()
        await send(bus, queue, "after")
        delivery = await waiting
        assert text_of(delivery) == "after"
        await delivery.ack()


async def test_a_listener_hears_again(line: Bus, bus: Bus, proxy: Proxy) -> None:
    async with line.listen(f"{CANCEL}.cut") as heard:
        listening = asyncio.create_task(arrival(heard))
        proxy.cut()
        while not listening.done():
            await bus.broadcast(message(f"{CANCEL}.cut", "again"))
            await asyncio.wait({listening}, timeout=0.1)
        assert (await listening).data == b"again"


@pytest.mark.parametrize("ending", ENDING)
async def test_a_delivery_that_is_ended_afterwards_blocks_nothing(
    line: Bus, bus: Bus, proxy: Proxy, queue: str, ending: str
) -> None:
    """It may come again, for its end may have reached nobody."""
    await send(bus, queue, "in hand")
    async with line.consume(queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)
        proxy.cut()
        async with asyncio.timeout(BOUND_SECONDS):
            await ENDING[ending](delivery)
        await send(bus, queue, "next")
        while await take(deliveries, 1) != ["next"]:
            pass


@pytest.mark.parametrize("ending", ENDING)
async def test_an_end_that_is_under_way_blocks_nothing(
    line: Bus, bus: Bus, proxy: Proxy, queue: str, ending: str
) -> None:
    await send(bus, queue, "in hand")
    async with line.consume(queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)
        proxy.freeze()
        saying = asyncio.create_task(_await(ENDING[ending](delivery)))
        await asyncio.sleep(0.05)
        proxy.cut()
        proxy.thaw()
        async with asyncio.timeout(BOUND_SECONDS):
            await asyncio.wait({saying})
        assert saying.exception() is None or isinstance(saying.exception(), BusUnavailable)
        await send(bus, queue, "next")
        while await take(deliveries, 1) != ["next"]:
            pass


async def test_a_handler_that_runs_on_is_not_cancelled(line: Bus, bus: Bus, proxy: Proxy, queue: str) -> None:
    await send(bus, queue, "work")
    async with line.consume(queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)

        async def work() -> str:
            for _ in range(4):
                await asyncio.sleep(0.1)
                await delivery.extend()
            await delivery.ack()
            return "done"

        working = asyncio.create_task(work())
        proxy.cut()
        async with asyncio.timeout(BOUND_SECONDS):
            assert await working == "done"


async def test_leaving_a_line_that_is_dead_does_not_hang(
    line: Bus, bus: Bus, proxy: Proxy, queue: str
) -> None:
    await send(bus, queue, "kept")
    async with asyncio.timeout(BOUND_SECONDS):
        async with line.consume(queue, prefetch=1) as deliveries:
            await arrival(deliveries)
            proxy.freeze()
        await line.close()
    proxy.cut()
    proxy.thaw()
    async with bus.consume(queue, prefetch=1) as deliveries:
        assert await take(deliveries, 1) == ["kept"]


async def test_a_connection_waits_for_a_broker_that_comes(harness: Harness, proxy: Proxy) -> None:
    await proxy.refuse()
    connecting = asyncio.create_task(_await_bus(harness.connect(proxy.url)))
    await asyncio.sleep(0.2)
    await proxy.open()
    async with asyncio.timeout(BOUND_SECONDS):
        bus = await connecting
    await bus.check()
    await bus.close()


async def _await_bus(connecting: Awaitable[Bus]) -> Bus:
    return await connecting


@pytest.mark.parametrize("bytes_from_client", [1, 60, 200, 500, 900, 1500, 2500, 4000, 7000])
async def test_a_cut_at_any_byte_loses_nothing(
    line: Bus, bus: Bus, proxy: Proxy, queue: str, bytes_from_client: int
) -> None:
    proxy.cut_after(bytes_from_client)
    for text in ("one", "two"):
        await publish_until_taken(line, queue, text)
    received: set[str] = set()
    async with asyncio.timeout(BOUND_SECONDS):
        while received != {"one", "two"}:
            try:
                async with line.consume(queue, prefetch=1) as deliveries:
                    received.update(await take(deliveries, 2 - len(received)))
            except BusUnavailable:
                continue
