"""What every bus guarantees when its connection is cut, whatever it waits for then; the broker is well."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.asking import ASKING, BOUND_SECONDS, ENDING, publish_until_taken
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import arrival, message, send, take, text_of
from tests.conformance.bus.proxied_connection import TestConnection, connected
from tests.conformance.bus.proxy import Proxy
from tests.observing import Observed, observe, report


async def what_is_asked(asking: str, line: TestConnection) -> None:
    """It succeeds or fails, and then works again."""
    line.proxy.freeze()
    under_way = asyncio.create_task(start(ASKING[asking](line.bus, line.queue)))
    await asyncio.sleep(0.1)  # until it has spoken; if it has not, another case is tested
    line.proxy.cut()
    line.proxy.thaw()
    await asyncio.wait({under_way})
    assert under_way.exception() is None or isinstance(under_way.exception(), BusUnavailable)
    while True:
        try:
            return await ASKING[asking](line.bus, line.queue)
        except BusUnavailable:
            continue


async def what_is_abandoned(asking: str, line: TestConnection) -> None:
    """The answer comes when nobody waits for it any more: that harms nobody else on the line."""
    line.proxy.freeze()
    abandoned = asyncio.create_task(start(ASKING[asking](line.bus, line.queue)))
    await asyncio.sleep(0.1)  # until it has spoken; if it has not, another case is tested
    abandoned.cancel()
    await asyncio.wait({abandoned})
    line.proxy.thaw()
    await line.bus.publish(message(line.queue, "heard"))


async def start(asked: Awaitable[None]) -> None:
    await asked


async def what_is_ended_afterwards(ending: str, line: TestConnection) -> None:
    """It blocks nothing, and may come again: its end may have reached nobody."""
    await send(line.other, line.queue, "in hand")
    async with line.bus.consume(line.queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)
        line.proxy.cut()
        await ENDING[ending](delivery)
        await send(line.other, line.queue, "next")
        while await take(deliveries, 1) != ["next"]:
            pass


async def an_end_that_is_under_way(ending: str, line: TestConnection) -> None:
    await send(line.other, line.queue, "in hand")
    async with line.bus.consume(line.queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)
        line.proxy.freeze()
        saying = asyncio.create_task(start(ENDING[ending](delivery)))
        await asyncio.sleep(0.05)
        line.proxy.cut()
        line.proxy.thaw()
        await asyncio.wait({saying})
        assert saying.exception() is None or isinstance(saying.exception(), BusUnavailable)
        await send(line.other, line.queue, "next")
        while await take(deliveries, 1) != ["next"]:
            pass


async def a_cut_after_bytes(count: int, line: TestConnection) -> None:
    """Wherever it falls, nothing is lost."""
    line.proxy.cut_after(count)
    for text in ("one", "two"):
        await publish_until_taken(line.bus, message(line.queue, text))
    received: set[str] = set()
    while received != {"one", "two"}:
        try:
            async with line.bus.consume(line.queue, prefetch=1) as deliveries:
                received.update(await take(deliveries, 2 - len(received)))
        except BusUnavailable:
            continue


async def many_messages_under_way(line: TestConnection) -> None:
    """Those that are confirmed arrive."""
    texts = [str(number) for number in range(200)]
    published = [asyncio.create_task(line.bus.publish(message(line.queue, text))) for text in texts]
    line.proxy.cut_after(20_000)
    outcomes = await asyncio.gather(*published, return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, BusUnavailable) for outcome in outcomes)
    confirmed = {text for text, outcome in zip(texts, outcomes, strict=True) if outcome is None}
    await publish_until_taken(line.bus, message(line.queue, "last"))
    received: set[str] = set()
    async with line.other.consume(line.queue, prefetch=50) as deliveries:
        while not confirmed | {"last"} <= received:
            received.update(await take(deliveries, 1))


async def a_consumer_that_waits(line: TestConnection) -> None:
    async with line.bus.consume(line.queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(arrival(deliveries))
        await asyncio.sleep(0)
        line.proxy.cut()
        await send(line.other, line.queue, "after")
        delivery = await waiting
        assert text_of(delivery) == "after"
        await delivery.ack()


async def a_listener(line: TestConnection) -> None:
    """Once it hears again, it misses nothing."""
    subject = f"{CANCEL}.{line.queue}"
    async with line.bus.listen(subject) as heard:
        listening = asyncio.create_task(arrival(heard))
        line.proxy.cut()
        while not listening.done():
            await line.other.broadcast(message(subject, "again"))
            await asyncio.wait({listening}, timeout=0.1)
        assert (await listening).data == b"again"
        texts = [str(number) for number in range(200)]
        for text in texts:
            await line.other.broadcast(message(subject, text))
        for text in texts:
            while (said := (await arrival(heard)).data.decode()) == "again":
                pass
            assert said == text


async def a_handler_that_runs_on(line: TestConnection) -> None:
    """It is not cancelled, and what it says does not fail."""
    await send(line.other, line.queue, "work")
    async with line.bus.consume(line.queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)
        line.proxy.cut()
        for _ in range(4):
            await asyncio.sleep(0.1)
            await delivery.extend()
        await delivery.ack()


async def a_handler_that_speaks_all_the_time(line: TestConnection) -> None:
    """Whatever moment of the loss and of the comeback it meets."""
    await send(line.other, line.queue, "work")
    async with line.bus.consume(line.queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)
        line.proxy.cut()
        for _ in range(200):
            await asyncio.sleep(0)
            await delivery.extend()
        await delivery.ack()


async def leaving_a_dead_line(line: TestConnection) -> None:
    await send(line.other, line.queue, "kept")
    async with line.bus.consume(line.queue, prefetch=1) as deliveries:
        await arrival(deliveries)
        line.proxy.freeze()
    await line.bus.close()
    line.proxy.cut()
    line.proxy.thaw()
    async with line.other.consume(line.queue, prefetch=1) as deliveries:
        assert await take(deliveries, 1) == ["kept"]


async def a_line_that_is_cut_again_and_again(line: TestConnection) -> None:
    async with line.bus.consume(line.queue, prefetch=1) as deliveries:
        for text in map(str, range(4)):
            line.proxy.cut()
            await send(line.other, line.queue, text)
            while text not in await take(deliveries, 1):
                pass


OBSERVATIONS: dict[str, Callable[[TestConnection], Awaitable[None]]] = {
    **{f"asked: {asking}": partial(what_is_asked, asking) for asking in ASKING},
    **{f"abandoned: {asking}": partial(what_is_abandoned, asking) for asking in ASKING},
    **{f"ended afterwards: {ending}": partial(what_is_ended_afterwards, ending) for ending in ENDING},
    **{f"end under way: {ending}": partial(an_end_that_is_under_way, ending) for ending in ENDING},
    **{
        f"cut after {count} bytes": partial(a_cut_after_bytes, count)
        for count in (1, 60, 200, 500, 900, 1500, 2500, 4000, 7000)
    },
    **{
        observation.__name__: observation
        for observation in (
            many_messages_under_way,
            a_consumer_that_waits,
            a_listener,
            a_handler_that_runs_on,
            a_handler_that_speaks_all_the_time,
            leaving_a_dead_line,
            a_line_that_is_cut_again_and_again,
        )
    },
}


async def on_a_line(harness: Harness, observation: Callable[[TestConnection], Awaitable[None]]) -> None:
    async with asyncio.timeout(BOUND_SECONDS), connected(harness) as line:
        await observation(line)


@pytest.fixture(scope="module")
async def observed(harness: Harness, leases: object) -> Observed:
    return await observe({name: on_a_line(harness, each) for name, each in OBSERVATIONS.items()})


@pytest.mark.parametrize("observation", OBSERVATIONS)
async def test_a_cut_connection_loses_and_blocks_nothing(observed: Observed, observation: str) -> None:
    report(observed, observation)


async def test_a_connection_waits_for_a_broker_that_comes(harness: Harness) -> None:
    async with asyncio.timeout(BOUND_SECONDS), Proxy(harness.broker.url) as proxy:
        await proxy.refuse()
        connecting = asyncio.create_task(connect_through(harness, proxy))
        await asyncio.sleep(0.2)
        await proxy.open()
        bus = await connecting
        await bus.check()
        await bus.close()


async def connect_through(harness: Harness, proxy: Proxy) -> Bus:
    return await harness.connect(proxy.url)
