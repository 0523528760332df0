"""The outbox: nothing is lost while the broker is away, nothing is said twice by two relays."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from likeness.jobs.v1.stages_pb2 import VideoCancelled
from services.chassis.bus.codec import pack
from services.chassis.bus.nats import NatsBus
from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.bus.subjects import stage_subject
from services.chassis.errors import BusUnavailable
from services.chassis.tasks import cancel_and_wait
from services.gateway import outbox
from services.gateway.database import Pool
from services.gateway.notifications import Notifications
from services.gateway.outbox import CHANNEL, OutboxRelay
from tests.integration.gateway.books import Books
from tests.integration.gateway.waiting import eventually
from tests.servers import NatsBroker


def message(subject: str, size: int = 0) -> Envelope:
    return pack(subject, VideoCancelled(video_id="v" * size), source="test")


@pytest.fixture
def subject() -> str:
    """A queue of the test's own."""
    return stage_subject("test", secrets.token_hex(4))


@pytest.fixture
async def notifications(database_url: str) -> AsyncIterator[Notifications]:
    notifications = Notifications(database_url, (CHANNEL,))
    listening = asyncio.create_task(notifications.run())
    yield notifications
    await cancel_and_wait([listening])


async def enqueue(pool: Pool, *envelopes: Envelope) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await outbox.enqueue(connection, envelopes)


async def take(bus: Bus, subject: str, count: int) -> list[str]:
    """The ids of so many messages, in the order in which they come."""
    ids: list[str] = []
    async with asyncio.timeout(20), bus.consume(subject, prefetch=100) as deliveries:
        async for delivery in deliveries:
            ids.append(delivery.envelope.id)
            await delivery.ack()
            if len(ids) == count:
                break
    return ids


async def waiting(pool: Pool) -> int:
    return await pool.fetchval("SELECT count(*) FROM outbox")


async def is_empty(pool: Pool) -> bool:
    return await waiting(pool) == 0


async def test_what_is_rolled_back_is_never_said(
    pool: Pool, bus: NatsBus, notifications: Notifications, subject: str
):
    class Changed(Exception):
        pass

    said = message(subject)
    with pytest.raises(Changed):
        async with pool.acquire() as connection, connection.transaction():
            await outbox.enqueue(connection, [message(subject)])
            raise Changed
    await enqueue(pool, said)
    assert await OutboxRelay(pool, bus, notifications).relay_batch() == 1
    assert await take(bus, subject, 1) == [said.id]


async def test_the_relay_is_woken_by_the_commit(
    pool: Pool, bus: NatsBus, notifications: Notifications, subject: str
):
    """The sweep, which would find it too, comes later than the deadline of this test."""
    relay = asyncio.create_task(OutboxRelay(pool, bus, notifications).run())
    try:
        for _ in range(2):
            envelope = message(subject)
            await enqueue(pool, envelope)
            async with asyncio.timeout(outbox.SWEEP_SECONDS * 0.8):
                assert await take(bus, subject, 1) == [envelope.id]
    finally:
        await cancel_and_wait([relay])


async def test_two_relays_at_once_publish_each_row_once(
    pool: Pool, bus: NatsBus, notifications: Notifications, subject: str
):
    class CountingBus:
        """Counts what is said, since the broker itself drops what it has heard before."""

        def __init__(self) -> None:
            self.said: Counter[str] = Counter()

        async def publish(self, envelope: Envelope) -> None:
            self.said[envelope.id] += 1
            await bus.publish(envelope)

    envelopes = [message(subject) for _ in range(outbox.BATCH + 100)]
    await enqueue(pool, *envelopes)
    counting = CountingBus()
    relays = [OutboxRelay(pool, counting, notifications) for _ in range(2)]  # pyright: ignore[reportArgumentType]
    sent = await asyncio.gather(*(relay.relay_batch() for relay in relays))
    assert sorted(sent) == [100, outbox.BATCH]
    assert counting.said == Counter(envelope.id for envelope in envelopes)
    assert await is_empty(pool)


async def test_rows_stay_while_the_broker_is_away_and_go_out_when_it_is_back(
    pool: Pool, own_broker: NatsBroker, notifications: Notifications, subject: str
):
    bus = await NatsBus.connect(own_broker.url, name="relay", lease_seconds=2)
    await own_broker.stop()
    envelopes = [message(subject) for _ in range(5)]
    await enqueue(pool, *envelopes)
    relay = OutboxRelay(pool, bus, notifications)
    with pytest.raises(BusUnavailable):
        await relay.relay_batch()
    assert await waiting(pool) == 5
    running = asyncio.create_task(relay.run())
    try:
        await own_broker.start()
        await eventually(lambda: is_empty(pool))
        assert sorted(await take(bus, subject, 5)) == sorted(envelope.id for envelope in envelopes)
    finally:
        await cancel_and_wait([running])
        await bus.close()


async def test_a_message_that_no_bus_carries_does_not_hold_up_the_others(
    pool: Pool, bus: NatsBus, notifications: Notifications, subject: str
):
    too_big, small = message(subject, size=2_000_000), message(subject)
    await enqueue(pool, too_big, small)
    assert await OutboxRelay(pool, bus, notifications).relay_batch() == 2
    assert await take(bus, subject, 1) == [small.id]
    assert await is_empty(pool)


async def test_the_relay_outlives_its_database_connection(
    pool: Pool, books: Books, bus: NatsBus, notifications: Notifications, subject: str
):
    envelope = message(subject)
    relay = asyncio.create_task(OutboxRelay(pool, bus, notifications).run())
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
            await pool.execute("SELECT pg_notify($1, '')", CHANNEL)
            await eventually(lambda: books.waiting_for_locks(1))
            await books.terminate_waiting()
            await eventually(lambda: books.waiting_for_locks(0))
        await enqueue(pool, envelope)
        assert await take(bus, subject, 1) == [envelope.id]
        assert not relay.done()
    finally:
        await cancel_and_wait([relay])
