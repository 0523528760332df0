"""The outbox: what is committed is said, by whoever is there to say it, and by one of them only."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from likeness.jobs.v1.stages_pb2 import JobCancelled
from services.chassis.aio import cancel_and_wait
from services.chassis.bus.codec import pack
from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.bus.subjects import stage_subject
from services.chassis.errors import BusUnavailable, Reason
from services.gateway.db.pool import Pool
from services.gateway.jobs.domain.models import JobStatus
from services.gateway.jobs.messaging import outbox
from services.gateway.jobs.messaging.outbox import OutboxRelay, Outgoing
from tests.integration.gateway.gateway import Gateway
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, distinct_job, renamed
from tests.servers import NatsBroker

OLD = 2 * outbox.OVERDUE_SECONDS
TOO_BIG = 2_000_000


def message(subject: str, size: int = 0) -> Envelope:
    return pack(subject, JobCancelled(job_id="v" * size), source="test")


@dataclass
class Told:
    """Of what no bus carries; it may fail to take note of it so many times."""

    failures: int = 0
    ids: list[str] = field(default_factory=list[str])

    async def __call__(self, envelope: Envelope, reason: str) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("PostgreSQL is away")
        self.ids.append(envelope.id)


@pytest.fixture
def subject() -> str:
    """A queue of the test's own."""
    return stage_subject("test", secrets.token_hex(4))


@pytest.fixture
def relay(pool: Pool, bus: NatsBus) -> OutboxRelay:
    return OutboxRelay(pool, bus, Told())


@asynccontextmanager
async def working(relay: OutboxRelay) -> AsyncIterator[None]:
    running = asyncio.create_task(relay.run())
    try:
        yield
        assert not running.done()
    finally:
        await cancel_and_wait([running])


async def commit(pool: Pool, *envelopes: Envelope, age_seconds: float = OLD) -> None:
    """What a transaction has left so long ago."""
    for envelope in envelopes:
        await pool.execute(
            "INSERT INTO outbox (id, broadcast, subject, headers, data, created_at) "
            "VALUES ($1, false, $2, $3, $4, now() - make_interval(secs => $5))",
            envelope.id,
            envelope.subject,
            dict(envelope.headers),
            envelope.data,
            age_seconds,
        )


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


async def published(relay: OutboxRelay) -> list[str]:
    return relay.take_published()


async def test_what_was_committed_is_said_at_once_and_its_row_may_go(
    relay: OutboxRelay, bus: NatsBus, subject: str
):
    said = message(subject)
    relay.send([Outgoing(said)])
    assert await take(bus, subject, 1) == [said.id]
    assert await eventually(lambda: published(relay)) == [said.id]
    assert relay.take_published() == []


async def test_rows_whose_deletion_was_rolled_back_may_go_with_the_next_transaction(relay: OutboxRelay):
    relay.restore_published(["a", "b"])
    assert relay.take_published() == ["a", "b"]


async def test_rows_go_even_if_no_other_transaction_comes(
    pool: Pool, relay: OutboxRelay, bus: NatsBus, subject: str
):
    said = message(subject)
    await commit(pool, said, age_seconds=0)
    relay.send([Outgoing(said)])
    assert await take(bus, subject, 1) == [said.id]
    async with working(relay):
        await eventually(lambda: is_empty(pool))


async def test_what_a_gateway_left_behind_another_one_says(
    pool: Pool, relay: OutboxRelay, bus: NatsBus, subject: str
):
    left, fresh = message(subject), message(subject)
    await commit(pool, left)
    await commit(pool, fresh, age_seconds=0)
    assert await relay.relay_overdue() == 1
    assert await take(bus, subject, 1) == [left.id]
    assert await waiting(pool) == 1


async def test_two_relays_at_once_publish_each_row_once(pool: Pool, bus: NatsBus, subject: str):
    class CountingBus:
        """Counts what is said, since the broker itself drops what it has heard before."""

        def __init__(self) -> None:
            self.said: Counter[str] = Counter()

        async def publish(self, envelope: Envelope) -> None:
            self.said[envelope.id] += 1
            await bus.publish(envelope)

    envelopes = [message(subject) for _ in range(outbox.SWEEP_BATCH_SIZE + 100)]
    await commit(pool, *envelopes)
    counting = CountingBus()
    relays = [OutboxRelay(pool, counting, Told()) for _ in range(2)]  # pyright: ignore[reportArgumentType]
    sent = await asyncio.gather(*(relay.relay_overdue() for relay in relays))
    assert sorted(sent) == [100, outbox.SWEEP_BATCH_SIZE]
    assert counting.said == Counter(envelope.id for envelope in envelopes)
    assert await is_empty(pool)


async def test_rows_stay_while_the_broker_is_away_and_go_out_when_it_is_back(
    pool: Pool, own_broker: NatsBroker, subject: str
):
    bus = await NatsBus.connect(own_broker.url, name="relay", lease_seconds=2)
    await own_broker.stop()
    envelopes = [message(subject) for _ in range(5)]
    await commit(pool, *envelopes)
    relay = OutboxRelay(pool, bus, Told())
    with pytest.raises(BusUnavailable):
        await relay.relay_overdue()
    assert await waiting(pool) == 5
    async with working(relay):
        await own_broker.start()
        await eventually(lambda: is_empty(pool))
        assert sorted(await take(bus, subject, 5)) == sorted(envelope.id for envelope in envelopes)
    await bus.close()


async def test_what_could_not_be_said_at_once_keeps_its_row(pool: Pool, own_broker: NatsBroker, subject: str):
    bus = await NatsBus.connect(own_broker.url, name="relay", lease_seconds=2)
    await own_broker.stop()
    relay = OutboxRelay(pool, bus, Told())
    said = message(subject)
    await commit(pool, said)
    relay.send([Outgoing(said)])
    with pytest.raises(BusUnavailable):
        await relay.relay_overdue()
    assert (relay.take_published(), await waiting(pool)) == ([], 1)
    await bus.close()


async def test_a_message_that_no_bus_carries_does_not_hold_up_the_others(
    pool: Pool, bus: NatsBus, subject: str
):
    too_big, small = message(subject, TOO_BIG), message(subject)
    await commit(pool, too_big, small)
    told = Told()
    assert await OutboxRelay(pool, bus, told).relay_overdue() == 2
    assert await take(bus, subject, 1) == [small.id]
    assert (await is_empty(pool), told.ids) == (True, [too_big.id])


async def test_who_asked_for_it_is_told_until_it_is_noted(pool: Pool, bus: NatsBus, subject: str):
    too_big = message(subject, TOO_BIG)
    await commit(pool, too_big)
    told = Told(failures=2)
    relay = OutboxRelay(pool, bus, told)
    for rows in (1, 1, 0):
        await relay.relay_overdue()
        assert (await waiting(pool), told.ids) == (rows, [] if rows else [too_big.id])


async def test_a_stage_that_no_bus_carries_fails_and_says_so(gateway: Gateway):
    """As it never would through the API, whose limits are far below."""
    job = distinct_job("x" * TOO_BIG)
    await gateway.components.jobs.writer.create(
        [renamed(job, "video_big", "default", gateway.components.clock())]
    )
    ended = await gateway.ended("video_big")
    assert (ended["status"], ended["error"]["code"]) == (JobStatus.FAILED, Reason.INVALID_ARGUMENT)
    assert "No worker could be asked for it." in ended["error"]["message"]
    assert "make the request smaller" in ended["error"]["message"]
    assert [stage["state"] for stage in ended["stages"]] == ["failed", "cancelled", "cancelled"]
    assert await gateway.components.pool.fetchval("SELECT count(*) FROM executions") == 0
    await eventually(lambda: is_empty(gateway.components.pool))


async def test_the_relay_outlives_its_database_connection(
    pool: Pool, books: WriterHarness, relay: OutboxRelay, bus: NatsBus, subject: str
):
    envelope = message(subject)
    async with working(relay):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
            await eventually(lambda: books.waiting_for_locks(1))
            await books.terminate_waiting()
            await eventually(lambda: books.waiting_for_locks(0))
        await commit(pool, envelope)
        assert await take(bus, subject, 1) == [envelope.id]
