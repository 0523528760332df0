"""Guarantees of every bus when its connection is cut, in every state; the broker keeps running."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import CANCEL
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.harness import Harness
from tests.conformance.bus.messages import message, next_item, receive_texts, send, text_of
from tests.conformance.bus.operations import (
    BUS_OPERATIONS,
    DELIVERY_ENDINGS,
    MAX_OPERATION_SECONDS,
    publish_with_retries,
)
from tests.conformance.bus.proxied_connection import ProxiedConnection, connected
from tests.conformance.bus.proxy import Proxy
from tests.observing import Observed, observe, report


async def operation_during_a_cut(operation: str, connection: ProxiedConnection) -> None:
    """An operation succeeds or fails when the connection is cut, and works again afterwards."""
    connection.proxy.freeze()
    running = asyncio.create_task(start(BUS_OPERATIONS[operation](connection.bus, connection.queue)))
    await asyncio.sleep(0.1)  # until its request is sent; if it is not, another case is tested
    connection.proxy.cut()
    connection.proxy.thaw()
    await asyncio.wait({running})
    assert running.exception() is None or isinstance(running.exception(), BusUnavailable)
    while True:
        try:
            return await BUS_OPERATIONS[operation](connection.bus, connection.queue)
        except BusUnavailable:
            continue


async def operation_abandoned_by_its_caller(operation: str, connection: ProxiedConnection) -> None:
    """A reply that arrives after its caller was cancelled affects no other user of the connection."""
    connection.proxy.freeze()
    abandoned = asyncio.create_task(start(BUS_OPERATIONS[operation](connection.bus, connection.queue)))
    await asyncio.sleep(0.1)  # until its request is sent; if it is not, another case is tested
    abandoned.cancel()
    await asyncio.wait({abandoned})
    connection.proxy.thaw()
    await connection.bus.publish(message(connection.queue, "after"))


async def start(operation: Awaitable[None]) -> None:
    """Makes a coroutine of an awaitable, for a task."""
    await operation


async def delivery_ended_after_a_cut(ending: str, connection: ProxiedConnection) -> None:
    """Ending a delivery after a cut blocks nothing; the message may be delivered again."""
    await send(connection.other, connection.queue, "open")
    async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        connection.proxy.cut()
        await DELIVERY_ENDINGS[ending](delivery)
        await send(connection.other, connection.queue, "next")
        while await receive_texts(deliveries, 1) != ["next"]:
            pass


async def delivery_ended_during_a_cut(ending: str, connection: ProxiedConnection) -> None:
    """Ending a delivery during a cut succeeds or fails, and blocks nothing."""
    await send(connection.other, connection.queue, "open")
    async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        connection.proxy.freeze()
        operation = asyncio.create_task(start(DELIVERY_ENDINGS[ending](delivery)))
        await asyncio.sleep(0.05)
        connection.proxy.cut()
        connection.proxy.thaw()
        await asyncio.wait({operation})
        assert operation.exception() is None or isinstance(operation.exception(), BusUnavailable)
        await send(connection.other, connection.queue, "next")
        while await receive_texts(deliveries, 1) != ["next"]:
            pass


async def a_cut_after_bytes(count: int, connection: ProxiedConnection) -> None:
    """Nothing is lost, wherever in the stream of bytes the cut falls."""
    connection.proxy.cut_after(count)
    for text in ("one", "two"):
        await publish_with_retries(connection.bus, message(connection.queue, text))
    received: set[str] = set()
    while received != {"one", "two"}:
        try:
            async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
                received.update(await receive_texts(deliveries, 2 - len(received)))
        except BusUnavailable:
            continue


async def many_messages_in_flight(connection: ProxiedConnection) -> None:
    """Every confirmed message arrives."""
    texts = [str(number) for number in range(200)]
    published = [
        asyncio.create_task(connection.bus.publish(message(connection.queue, text))) for text in texts
    ]
    connection.proxy.cut_after(20_000)
    outcomes = await asyncio.gather(*published, return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, BusUnavailable) for outcome in outcomes)
    confirmed = {text for text, outcome in zip(texts, outcomes, strict=True) if outcome is None}
    await publish_with_retries(connection.bus, message(connection.queue, "last"))
    received: set[str] = set()
    async with connection.other.consume(connection.queue, prefetch=50) as deliveries:
        while not confirmed | {"last"} <= received:
            received.update(await receive_texts(deliveries, 1))


async def a_waiting_consumer(connection: ProxiedConnection) -> None:
    """A consumer that waits during a cut receives the next message."""
    async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(next_item(deliveries))
        await asyncio.sleep(0)
        connection.proxy.cut()
        await send(connection.other, connection.queue, "after")
        delivery = await waiting
        assert text_of(delivery) == "after"
        await delivery.ack()


async def a_listener(connection: ProxiedConnection) -> None:
    """A listener misses nothing once it receives broadcasts again."""
    subject = f"{CANCEL}.{connection.queue}"
    async with connection.bus.listen(subject) as broadcasts:
        listening = asyncio.create_task(next_item(broadcasts))
        connection.proxy.cut()
        while not listening.done():
            await connection.other.broadcast(message(subject, "again"))
            await asyncio.wait({listening}, timeout=0.1)
        assert (await listening).data == b"again"
        texts = [str(number) for number in range(200)]
        for text in texts:
            await connection.other.broadcast(message(subject, text))
        for text in texts:
            while (received := (await next_item(broadcasts)).data.decode()) == "again":
                pass
            assert received == text


async def a_handler_that_continues(connection: ProxiedConnection) -> None:
    """A handler is not cancelled by a cut, and its calls do not fail."""
    await send(connection.other, connection.queue, "work")
    async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        connection.proxy.cut()
        for _ in range(4):
            await asyncio.sleep(0.1)
            await delivery.extend()
        await delivery.ack()


async def a_handler_that_extends_continuously(connection: ProxiedConnection) -> None:
    """Extending a delivery does not fail at any moment of the loss and the reconnection."""
    await send(connection.other, connection.queue, "work")
    async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
        delivery = await next_item(deliveries)
        connection.proxy.cut()
        for _ in range(200):
            await asyncio.sleep(0)
            await delivery.extend()
        await delivery.ack()


async def leaving_over_a_dead_connection(connection: ProxiedConnection) -> None:
    """A consumer can leave over a dead connection; its message goes to another."""
    await send(connection.other, connection.queue, "kept")
    async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
        await next_item(deliveries)
        connection.proxy.freeze()
    await connection.bus.close()
    connection.proxy.cut()
    connection.proxy.thaw()
    async with connection.other.consume(connection.queue, prefetch=1) as deliveries:
        assert await receive_texts(deliveries, 1) == ["kept"]


async def repeated_cuts(connection: ProxiedConnection) -> None:
    """A consumer receives every message although the connection is cut repeatedly."""
    async with connection.bus.consume(connection.queue, prefetch=1) as deliveries:
        for text in map(str, range(4)):
            connection.proxy.cut()
            await send(connection.other, connection.queue, text)
            while text not in await receive_texts(deliveries, 1):
                pass


OBSERVATIONS: dict[str, Callable[[ProxiedConnection], Awaitable[None]]] = {
    **{
        f"during a cut: {operation}": partial(operation_during_a_cut, operation)
        for operation in BUS_OPERATIONS
    },
    **{
        f"abandoned: {operation}": partial(operation_abandoned_by_its_caller, operation)
        for operation in BUS_OPERATIONS
    },
    **{
        f"ended after a cut: {ending}": partial(delivery_ended_after_a_cut, ending)
        for ending in DELIVERY_ENDINGS
    },
    **{
        f"ended during a cut: {ending}": partial(delivery_ended_during_a_cut, ending)
        for ending in DELIVERY_ENDINGS
    },
    **{
        f"cut after {count} bytes": partial(a_cut_after_bytes, count)
        for count in (1, 60, 200, 500, 900, 1500, 2500, 4000, 7000)
    },
    **{
        observation.__name__: observation
        for observation in (
            many_messages_in_flight,
            a_waiting_consumer,
            a_listener,
            a_handler_that_continues,
            a_handler_that_extends_continuously,
            leaving_over_a_dead_connection,
            repeated_cuts,
        )
    },
}


async def observe_through_a_proxy(
    harness: Harness, observation: Callable[[ProxiedConnection], Awaitable[None]]
) -> None:
    """Runs an observation with connections of its own, in bounded time."""
    async with asyncio.timeout(MAX_OPERATION_SECONDS), connected(harness) as connection:
        await observation(connection)


@pytest.fixture(scope="module")
async def observed(harness: Harness, leases: object) -> Observed:
    return await observe(
        {name: observe_through_a_proxy(harness, each) for name, each in OBSERVATIONS.items()}
    )


@pytest.mark.parametrize("observation", OBSERVATIONS)
async def test_a_cut_connection_loses_and_blocks_nothing(observed: Observed, observation: str) -> None:
    report(observed, observation)


async def test_a_connection_waits_for_a_broker_that_comes(harness: Harness) -> None:
    async with asyncio.timeout(MAX_OPERATION_SECONDS), Proxy(harness.broker.url) as proxy:
        await proxy.refuse()
        connecting = asyncio.create_task(connect_through(harness, proxy))
        await asyncio.sleep(0.2)
        await proxy.open()
        bus = await connecting
        await bus.check()
        await bus.close()


async def connect_through(harness: Harness, proxy: Proxy) -> Bus:
    return await harness.connect(proxy.url)
