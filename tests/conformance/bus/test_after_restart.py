"""Guarantees of every bus after a restart of its broker. One restart of each kind serves all tests.

A killed broker may have forgotten an acknowledgement, but never a message; a wiped one forgets everything.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from services.chassis.bus.protocol import Bus, Delivery, Envelope
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.harness import Harness, new_queue
from tests.conformance.bus.messages import first_text, message, next_item, receive_texts, send, text_of
from tests.conformance.bus.operations import DELIVERY_OPERATIONS, MAX_OPERATION_SECONDS, publish_with_retries

SUBJECT = "likeness.engines.v1.after_restart"


@dataclass(frozen=True, slots=True)
class AfterRestart:
    """What existed before the restart; each queue is for one test."""

    wiped: bool
    bus: Bus
    queued_queue: str
    delayed_queue: str
    waiting_queue: str
    waiting: AsyncIterator[Delivery]
    open_queue: str
    open_deliveries: AsyncIterator[Delivery]
    deliveries_from_before: dict[str, Delivery]
    broadcasts: AsyncIterator[Envelope]


@pytest.fixture(scope="module", params=["gracefully", "killed", "wiped"])
async def state(harness: Harness, request: pytest.FixtureRequest) -> AsyncIterator[AfterRestart]:
    async with AsyncExitStack() as stack:
        bus = await harness.connect()
        stack.push_async_callback(bus.close)
        queued_queue, delayed_queue, waiting_queue, open_queue = [await harness.queue() for _ in range(4)]
        await send(bus, queued_queue, "one", "two")
        async with bus.consume(delayed_queue, prefetch=1) as deliveries:
            await send(bus, delayed_queue, "later")
            await (await next_item(deliveries)).release(delay=2.0)
        waiting = await stack.enter_async_context(bus.consume(waiting_queue, prefetch=1))
        await send(bus, waiting_queue, "before")
        assert await receive_texts(waiting, 1) == ["before"]
        open_deliveries = await stack.enter_async_context(
            bus.consume(open_queue, prefetch=2 * len(DELIVERY_OPERATIONS))
        )
        await send(bus, open_queue, *DELIVERY_OPERATIONS)
        deliveries_from_before = {
            text_of(delivery): delivery
            for delivery in [await next_item(open_deliveries) for _ in DELIVERY_OPERATIONS]
        }
        broadcasts = await stack.enter_async_context(bus.listen(SUBJECT))
        wiped = request.param == "wiped"
        await harness.restart(gracefully=request.param == "gracefully", wiped=wiped)
        yield AfterRestart(
            wiped,
            bus,
            queued_queue,
            delayed_queue,
            waiting_queue,
            waiting,
            open_queue,
            open_deliveries,
            deliveries_from_before,
            broadcasts,
        )


async def test_check_succeeds_once_the_broker_is_back(state: AfterRestart) -> None:
    async with asyncio.timeout(MAX_OPERATION_SECONDS):
        while True:
            try:
                return await state.bus.check()
            except BusUnavailable:
                continue


async def test_queued_messages_survive_unless_the_broker_is_wiped(state: AfterRestart) -> None:
    await publish_with_retries(state.bus, message(state.queued_queue, "after"))
    async with state.bus.consume(state.queued_queue, prefetch=1) as deliveries:
        texts = await receive_texts(deliveries, 1 if state.wiped else 3)
    assert sorted(texts) == (["after"] if state.wiped else ["after", "one", "two"])


async def test_a_delayed_message_survives_unless_the_broker_is_wiped(state: AfterRestart) -> None:
    await publish_with_retries(state.bus, message(state.delayed_queue, "after"))
    async with state.bus.consume(state.delayed_queue, prefetch=1) as deliveries:
        texts = await receive_texts(deliveries, 1 if state.wiped else 2)
    assert sorted(texts) == (["after"] if state.wiped else ["after", "later"])


async def test_a_waiting_consumer_receives_messages_again(state: AfterRestart) -> None:
    await publish_with_retries(state.bus, message(state.waiting_queue, "after"))
    while await receive_texts(state.waiting, 1) != ["after"]:
        assert not state.wiped


@pytest.mark.parametrize("operation", DELIVERY_OPERATIONS)
async def test_operations_on_a_delivery_from_before_are_harmless(state: AfterRestart, operation: str) -> None:
    async with asyncio.timeout(MAX_OPERATION_SECONDS):
        await DELIVERY_OPERATIONS[operation](state.deliveries_from_before[operation])


async def test_an_acknowledgement_from_before_ends_no_other_message(state: AfterRestart) -> None:
    """Acknowledgements from before meet a queue that may number its messages anew."""
    await publish_with_retries(state.bus, message(state.open_queue, "kept"))
    await (await next_kept(state)).release()
    await (await next_kept(state)).ack()


async def next_kept(state: AfterRestart) -> Delivery:
    """Returns the delivery of "kept"; released or unacknowledged messages may arrive before, except from a
    wiped broker.
    """
    while text_of(delivery := await next_item(state.open_deliveries)) != "kept":
        assert not state.wiped
        await delivery.ack()
    return delivery


async def test_listeners_receive_broadcasts_again(state: AfterRestart) -> None:
    listening = asyncio.create_task(next_item(state.broadcasts))
    async with asyncio.timeout(MAX_OPERATION_SECONDS):
        while not listening.done():
            try:
                await state.bus.broadcast(message(SUBJECT, "again"))
            except BusUnavailable:
                continue
            await asyncio.wait({listening}, timeout=0.1)
    assert (await listening).data == b"again"


async def test_a_new_queue_is_created(state: AfterRestart) -> None:
    queue = new_queue()
    await publish_with_retries(state.bus, message(queue, "new"))
    assert await first_text(state.bus, queue) == "new"


async def test_a_new_connection_works(state: AfterRestart, connect: Connect, queue: str) -> None:
    bus = await connect()
    await send(bus, queue, "new")
    assert await first_text(bus, queue) == "new"
