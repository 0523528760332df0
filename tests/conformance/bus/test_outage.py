"""What every bus guarantees when its broker goes away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.bus.protocol import Bus
from services.chassis.errors import BusUnavailable
from tests.conformance.bus.conftest import HARNESSES, Harness
from tests.conformance.bus.messages import arrival, first_text, message, send, take, text_of

BOUND_SECONDS = 30.0
"""Nothing that the bus does may hang longer than this."""


@pytest.fixture(params=sorted(HARNESSES))
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    """A broker of the test's own."""
    harness = HARNESSES[request.param](tmp_path)
    await harness.broker.start()
    yield harness
    await harness.broker.stop()


async def publish_until_taken(bus: Bus, subject: str, text: str) -> None:
    """As the outbox does it."""
    envelope = message(subject, text)
    while True:
        try:
            return await bus.publish(envelope)
        except BusUnavailable:
            continue


async def test_publishing_fails_in_bounded_time(harness: Harness, bus: Bus, queue: str) -> None:
    await harness.broker.kill()
    async with asyncio.timeout(BOUND_SECONDS):
        with pytest.raises(BusUnavailable):
            await bus.publish(message(queue, "x"))
        with pytest.raises(BusUnavailable):
            await bus.broadcast(message("likeness.cancel.v1", "x"))


async def test_the_check_tells_an_outage_and_its_end(harness: Harness, bus: Bus) -> None:
    await bus.check()
    await harness.broker.kill()
    async with asyncio.timeout(BOUND_SECONDS):
        with pytest.raises(BusUnavailable):
            await bus.check()
    await harness.broker.start()
    async with asyncio.timeout(BOUND_SECONDS):
        while True:
            try:
                return await bus.check()
            except BusUnavailable:
                continue


async def test_a_restart_loses_no_message(harness: Harness, bus: Bus, queue: str) -> None:
    await send(bus, queue, "before")
    await harness.broker.kill()
    await harness.broker.start()
    await publish_until_taken(bus, queue, "after")
    async with bus.consume(queue, prefetch=1) as deliveries:
        assert await take(deliveries, 2) == ["before", "after"]


@pytest.mark.parametrize("wiped", [False, True])
async def test_a_waiting_consumer_survives(harness: Harness, bus: Bus, queue: str, wiped: bool) -> None:
    async with bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "before")
        assert await take(deliveries, 1) == ["before"]
        await harness.broker.kill()
        if wiped:
            harness.broker.wipe()
        await harness.broker.start()
        await publish_until_taken(bus, queue, "after")
        # A killed broker may have forgotten an acknowledgement, but never a message.
        while await take(deliveries, 1) != ["after"]:
            assert not wiped


async def test_publishing_outlives_a_wipe(harness: Harness, bus: Bus, queue: str) -> None:
    await harness.broker.kill()
    harness.broker.wipe()
    await harness.broker.start()
    await publish_until_taken(bus, queue, "after")
    assert await first_text(bus, queue) == "after"


async def test_what_was_in_hand_can_be_acknowledged_after_a_restart(
    harness: Harness, bus: Bus, queue: str
) -> None:
    """The acknowledgement may be too late, and then the message comes again."""
    async with bus.consume(queue, prefetch=1) as deliveries:
        await send(bus, queue, "in hand")
        delivery = await arrival(deliveries)
        await harness.broker.stop()
        await harness.broker.start()
        await delivery.ack()
    await publish_until_taken(bus, queue, "next")
    assert await first_text(bus, queue) in ("in hand", "next")


async def test_an_acknowledgement_from_before_a_wipe_ends_no_other_message(
    harness: Harness, bus: Bus, queue: str
) -> None:
    async with bus.consume(queue, prefetch=2) as deliveries:
        await send(bus, queue, "lost")
        stale = await arrival(deliveries)
        await harness.broker.kill()
        harness.broker.wipe()
        await harness.broker.start()
        await publish_until_taken(bus, queue, "kept")
        assert text_of(await arrival(deliveries)) == "kept"
        await stale.ack()
    assert await first_text(bus, queue) == "kept"


async def test_listeners_hear_again_after_a_restart(harness: Harness, bus: Bus) -> None:
    subject = "likeness.engines.v1.test"
    async with bus.listen(subject) as heard:
        await harness.broker.kill()
        await harness.broker.start()
        listening = asyncio.create_task(arrival(heard))
        async with asyncio.timeout(BOUND_SECONDS):
            while not listening.done():
                try:
                    await bus.broadcast(message(subject, "again"))
                except BusUnavailable:
                    continue
                await asyncio.wait({listening}, timeout=0.1)
        assert (await listening).data == b"again"


async def test_leaving_during_an_outage_does_not_hang(harness: Harness, bus: Bus, queue: str) -> None:
    async with asyncio.timeout(BOUND_SECONDS):
        async with bus.consume(queue, prefetch=1) as deliveries:
            await send(bus, queue, "in hand")
            await arrival(deliveries)
            await harness.broker.kill()
        await bus.close()
