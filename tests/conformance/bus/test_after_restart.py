"""What every bus guarantees once its broker is back. One restart of each kind for all tests.

A killed broker may have forgotten an acknowledgement, but never a message; a wiped one forgets everything.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from services.chassis.bus.protocol import Bus, Delivery, Envelope
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.asking import BOUND_SECONDS, SAYING, publish_until_taken
from tests.conformance.bus.conftest import Connect
from tests.conformance.bus.harness import Harness, new_queue
from tests.conformance.bus.messages import arrival, first_text, message, send, take, text_of

SUBJECT = "likeness.engines.v1.comeback"


@dataclass(frozen=True, slots=True)
class AfterRestart:
    """What was there before the restart: each queue is for one test."""

    wiped: bool
    bus: Bus
    queued: str
    later: str
    waiting_queue: str
    waiting: AsyncIterator[Delivery]
    private_queue: str
    held: AsyncIterator[Delivery]
    in_hand: dict[str, Delivery]
    heard: AsyncIterator[Envelope]


@pytest.fixture(scope="module", params=["gracefully", "killed", "wiped"])
async def comeback(harness: Harness, request: pytest.FixtureRequest) -> AsyncIterator[AfterRestart]:
    async with AsyncExitStack() as stack:
        bus = await harness.connect()
        stack.push_async_callback(bus.close)
        queued, later, waiting_queue, private_queue = [await harness.queue() for _ in range(4)]
        await send(bus, queued, "one", "two")
        async with bus.consume(later, prefetch=1) as deliveries:
            await send(bus, later, "later")
            await (await arrival(deliveries)).release(delay=2.0)
        waiting = await stack.enter_async_context(bus.consume(waiting_queue, prefetch=1))
        await send(bus, waiting_queue, "before")
        assert await take(waiting, 1) == ["before"]
        held = await stack.enter_async_context(bus.consume(private_queue, prefetch=2 * len(SAYING)))
        await send(bus, private_queue, *SAYING)
        in_hand = {text_of(delivery): delivery for delivery in [await arrival(held) for _ in SAYING]}
        heard = await stack.enter_async_context(bus.listen(SUBJECT))
        wiped = request.param == "wiped"
        await harness.restart(gracefully=request.param == "gracefully", wiped=wiped)
        yield AfterRestart(
            wiped, bus, queued, later, waiting_queue, waiting, private_queue, held, in_hand, heard
        )


async def test_the_check_finds_it(comeback: AfterRestart) -> None:
    async with asyncio.timeout(BOUND_SECONDS):
        while True:
            try:
                return await comeback.bus.check()
            except BusUnavailable:
                continue


async def test_what_was_queued_is_there(comeback: AfterRestart) -> None:
    await publish_until_taken(comeback.bus, message(comeback.queued, "after"))
    async with comeback.bus.consume(comeback.queued, prefetch=1) as deliveries:
        texts = await take(deliveries, 1 if comeback.wiped else 3)
    assert sorted(texts) == (["after"] if comeback.wiped else ["after", "one", "two"])


async def test_what_was_released_for_later_is_there(comeback: AfterRestart) -> None:
    await publish_until_taken(comeback.bus, message(comeback.later, "after"))
    async with comeback.bus.consume(comeback.later, prefetch=1) as deliveries:
        texts = await take(deliveries, 1 if comeback.wiped else 2)
    assert sorted(texts) == (["after"] if comeback.wiped else ["after", "later"])


async def test_a_consumer_that_waited_goes_on(comeback: AfterRestart) -> None:
    await publish_until_taken(comeback.bus, message(comeback.waiting_queue, "after"))
    while await take(comeback.waiting, 1) != ["after"]:
        assert not comeback.wiped


@pytest.mark.parametrize("saying", SAYING)
async def test_what_is_said_of_a_delivery_from_before_is_harmless(
    comeback: AfterRestart, saying: str
) -> None:
    async with asyncio.timeout(BOUND_SECONDS):
        await SAYING[saying](comeback.in_hand[saying])


async def test_it_ends_no_other_message(comeback: AfterRestart) -> None:
    """Acknowledgements from before meet a queue that may number its messages anew."""
    await publish_until_taken(comeback.bus, message(comeback.private_queue, "kept"))
    await (await kept_of(comeback)).release()
    await (await kept_of(comeback)).ack()


async def kept_of(comeback: AfterRestart) -> Delivery:
    """What had been released or was not acknowledged may come at any time, but from a wiped broker."""
    while text_of(delivery := await arrival(comeback.held)) != "kept":
        assert not comeback.wiped
        await delivery.ack()
    return delivery


async def test_listeners_hear_again(comeback: AfterRestart) -> None:
    listening = asyncio.create_task(arrival(comeback.heard))
    async with asyncio.timeout(BOUND_SECONDS):
        while not listening.done():
            try:
                await comeback.bus.broadcast(message(SUBJECT, "again"))
            except BusUnavailable:
                continue
            await asyncio.wait({listening}, timeout=0.1)
    assert (await listening).data == b"again"


async def test_a_queue_that_was_never_there_is_made(comeback: AfterRestart) -> None:
    queue = new_queue()
    await publish_until_taken(comeback.bus, message(queue, "new"))
    assert await first_text(comeback.bus, queue) == "new"


async def test_a_new_connection_works(comeback: AfterRestart, connect: Connect, queue: str) -> None:
    bus = await connect()
    await send(bus, queue, "new")
    assert await first_text(bus, queue) == "new"
