"""What every bus guarantees about its queues."""

import asyncio

import pytest

from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.bus.subjects import STATUS
from services.chassis.errors import InvalidArgument
from tests.conformance.bus.conftest import LEASE_SECONDS, Connect
from tests.conformance.bus.messages import arrival, first_text, message, send, take, text_of

MAX_DELIVERIES = 5
LEAVE_SECONDS = 10.0


async def test_a_message_arrives_as_it_was_sent(bus: Bus, queue: str) -> None:
    sent = message(queue, "hello")
    await bus.publish(sent)
    async with bus.consume(queue, prefetch=1) as deliveries:
        delivery = await arrival(deliveries)
        assert delivery.envelope == sent
        assert delivery.attempt == 1


async def test_messages_wait_for_a_consumer_in_order(bus: Bus, queue: str) -> None:
    await send(bus, queue, "1", "2", "3")
    async with bus.consume(queue, prefetch=1) as deliveries:
        assert await take(deliveries, 3) == ["1", "2", "3"]


async def test_an_acknowledged_message_is_gone(bus: Bus, queue: str) -> None:
    await send(bus, queue, "done", "next")
    assert await first_text(bus, queue) == "done"
    assert await first_text(bus, queue) == "next"


async def test_leaving_releases_what_was_not_ended(bus: Bus, queue: str) -> None:
    await send(bus, queue, "kept")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await arrival(deliveries)
    async with bus.consume(queue, prefetch=1) as deliveries:
        again = await arrival(deliveries)
        assert (text_of(again), again.attempt) == ("kept", 2)
        await again.ack()


async def test_a_dead_consumers_message_comes_again_after_the_lease(connect: Connect, queue: str) -> None:
    doomed, survivor = await connect(), await connect()
    await send(survivor, queue, "kept")
    doomed_consumer = doomed.consume(queue, prefetch=1)
    await arrival(await doomed_consumer.__aenter__())
    await doomed.close()
    async with survivor.consume(queue, prefetch=1) as deliveries:
        again = await arrival(deliveries)
        assert (text_of(again), again.attempt) == ("kept", 2)
        await again.ack()


async def test_a_silent_consumers_message_goes_to_another(connect: Connect, queue: str) -> None:
    silent, other = await connect(), await connect()
    await send(other, queue, "kept")
    async with silent.consume(queue, prefetch=1) as held:
        await arrival(held)
        async with other.consume(queue, prefetch=1) as deliveries:
            again = await arrival(deliveries)
            assert again.attempt == 2
            await again.ack()


async def test_an_extended_lease_outlasts_a_slow_handler(connect: Connect, queue: str) -> None:
    slow, eager = await connect(), await connect()
    await send(slow, queue, "slow")
    async with slow.consume(queue, prefetch=1) as held, eager.consume(queue, prefetch=1) as deliveries:
        delivery = await arrival(held)
        other = asyncio.create_task(arrival(deliveries))
        for _ in range(10):  # the handler's work: two and a half leases
            await asyncio.sleep(LEASE_SECONDS / 4)
            await delivery.extend()
        assert not other.done()
        await delivery.ack()
        await send(slow, queue, "next")
        assert text_of(await other) == "next"


async def test_a_message_published_twice_is_not_lost_and_harms_nothing(bus: Bus, queue: str) -> None:
    """It arrives once or twice: a broker that can tell drops the second."""
    twice = message(queue, "twice")
    await asyncio.gather(*(bus.publish(twice) for _ in range(2)))
    await send(bus, queue, "next")
    async with bus.consume(queue, prefetch=1) as deliveries:
        texts = [(await take(deliveries, 1))[0]]
        while texts[-1] != "next":
            texts.append((await take(deliveries, 1))[0])
    assert texts in (["twice", "next"], ["twice", "twice", "next"])


async def test_a_released_message_comes_again_after_its_delay(bus: Bus, queue: str) -> None:
    await send(bus, queue, "later", "now")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await arrival(deliveries)).release(delay=0.5)
        assert await take(deliveries, 1) == ["now"]
        again = await arrival(deliveries)
        assert (text_of(again), again.attempt) == ("later", 2)
        await again.ack()


async def test_a_rejected_message_never_comes_again(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        await (await arrival(deliveries)).reject()
    await send(bus, queue, "next")
    assert await first_text(bus, queue) == "next"


async def test_a_message_that_nobody_can_handle_is_not_delivered_for_ever(bus: Bus, queue: str) -> None:
    await send(bus, queue, "poison")
    async with bus.consume(queue, prefetch=1) as deliveries:
        attempts: list[int] = []
        for _ in range(MAX_DELIVERIES):
            delivery = await arrival(deliveries)
            attempts.append(delivery.attempt)
            await delivery.release()
        assert attempts == list(range(1, MAX_DELIVERIES + 1))
        await send(bus, queue, "next")
        assert await take(deliveries, 1) == ["next"]


async def test_competing_consumers_share_the_messages(connect: Connect, queue: str) -> None:
    buses = [await connect() for _ in range(3)]
    expected = {str(number) for number in range(60)}
    received: list[list[str]] = [[], [], []]
    everything = asyncio.Event()

    async def work(bus: Bus, mine: list[str]) -> None:
        async with bus.consume(queue, prefetch=2) as deliveries:
            async for delivery in deliveries:
                mine.append(text_of(delivery))
                await delivery.ack()
                if sum(map(len, received)) >= len(expected):
                    everything.set()

    workers = [asyncio.create_task(work(bus, mine)) for bus, mine in zip(buses, received, strict=True)]
    await send(buses[0], queue, *sorted(expected))
    async with asyncio.timeout(20):
        await everything.wait()
    for worker in workers:
        worker.cancel()
    await asyncio.wait(workers)
    assert sorted(text for mine in received for text in mine) == sorted(expected)
    assert sum(bool(mine) for mine in received) > 1


async def test_no_more_than_the_prefetch_is_in_hand(connect: Connect, queue: str) -> None:
    greedy, other = await connect(), await connect()
    async with greedy.consume(queue, prefetch=2) as held:
        await send(greedy, queue, *map(str, range(6)))
        first = [await arrival(held), await arrival(held)]
        async with other.consume(queue, prefetch=10) as deliveries:
            rest = await take(deliveries, 4)
        assert sorted([*map(text_of, first), *rest]) == list(map(str, range(6)))
        await send(greedy, queue, "6")
        await first[0].ack()
        assert text_of(await arrival(held)) == "6"


async def test_closing_the_generator_stops_the_fetching_only(connect: Connect, queue: str) -> None:
    draining, other = await connect(), await connect()
    await send(other, queue, "running", "prefetched")
    async with draining.consume(queue, prefetch=2) as deliveries:
        running = await arrival(deliveries)
        await deliveries.aclose()
        async with other.consume(queue, prefetch=1) as others:
            prefetched = await arrival(others)
            assert (text_of(prefetched), prefetched.attempt) == ("prefetched", 2)
            await prefetched.ack()
            await send(other, queue, "next")
            assert await take(others, 1) == ["next"]
        await running.ack()
    await send(other, queue, "last")
    assert await first_text(other, queue) == "last"


async def test_cancelling_who_waits_stops_the_fetching(connect: Connect, queue: str) -> None:
    draining, other = await connect(), await connect()
    async with draining.consume(queue, prefetch=1) as deliveries:
        waiting = asyncio.create_task(arrival(deliveries))
        await send(other, queue, "first")
        delivery = await waiting
        await delivery.ack()
        waiting = asyncio.create_task(arrival(deliveries))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        await send(other, queue, "next")
        assert await first_text(other, queue) == "next"


async def test_a_wildcard_takes_every_subject_below_it(connect: Connect, status_subject: str) -> None:
    one, two = await connect(), await connect()
    sent = [f"{status_subject}.{end}" for end in ("tts", "voice", "video", "mux", "tts", "deep.er")]
    received: list[str] = []
    everything = asyncio.Event()

    async def work(bus: Bus) -> None:
        async with bus.consume(f"{STATUS}.>", prefetch=1) as deliveries:
            async for delivery in deliveries:
                received.append(delivery.envelope.subject)
                await delivery.ack()
                if len(received) == len(sent):
                    everything.set()

    workers = [asyncio.create_task(work(bus)) for bus in (one, two)]
    for each in sent:
        await send(one, each, "x")
    async with asyncio.timeout(20):
        await everything.wait()
    for worker in workers:
        worker.cancel()
    await asyncio.wait(workers)
    assert sorted(received) == sorted(sent)


async def test_a_message_on_a_subject_of_a_wildcard_waits_for_its_consumer(
    bus: Bus, status_subject: str
) -> None:
    await send(bus, status_subject, "waits")
    assert await first_text(bus, f"{STATUS}.>") == "waits"


async def test_a_message_that_is_too_big_is_refused_and_harms_nothing(bus: Bus, queue: str) -> None:
    for size in (1 << 20, (1 << 20) - 100, 2 << 20):
        with pytest.raises(InvalidArgument):
            await bus.publish(message(queue, "x" * size))
    await send(bus, queue, "next")
    assert await first_text(bus, queue) == "next"


async def test_deliveries_can_be_ended_in_any_order(bus: Bus, queue: str) -> None:
    await send(bus, queue, "1", "2", "3")
    async with bus.consume(queue, prefetch=3) as deliveries:
        held: list[Delivery] = [await arrival(deliveries) for _ in range(3)]
        await held[2].ack()
        await held[0].ack()
    assert await first_text(bus, queue) == "2"


@pytest.mark.parametrize("turns", range(0, 240, 6))
async def test_a_consumer_can_be_left_at_any_moment(bus: Bus, queue: str, turns: int) -> None:
    """So many turns of the event loop after it began, whatever it waits for then."""

    async def work() -> None:
        async with bus.consume(queue, prefetch=1) as deliveries:
            async for delivery in deliveries:
                await delivery.ack()

    working = asyncio.create_task(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    working.cancel()
    _, stuck = await asyncio.wait({working}, timeout=LEAVE_SECONDS)
    assert not stuck
