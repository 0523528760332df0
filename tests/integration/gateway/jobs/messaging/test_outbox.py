"""The outbox relay publishes every committed message, by exactly one gateway."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncGenerator
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
class RecordingHandler:
    """Records undeliverable messages, after it has raised an error `failures` times."""

    failures: int = 0
    ids: list[str] = field(default_factory=list[str])

    async def __call__(self, envelope: Envelope, reason: str) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("PostgreSQL is away")
        self.ids.append(envelope.id)


@pytest.fixture
def subject() -> str:
    """Returns the subject of a queue that no other test uses."""
    return stage_subject("test", secrets.token_hex(4))


@pytest.fixture
def relay(pool: Pool, bus: NatsBus) -> OutboxRelay:
    return OutboxRelay(pool, bus, RecordingHandler())


@asynccontextmanager
async def working(relay: OutboxRelay) -> AsyncGenerator[None]:
    running = asyncio.create_task(relay.run())
    try:
        yield
        assert not running.done()
    finally:
        await cancel_and_wait([running])


async def commit(pool: Pool, *envelopes: Envelope, age_seconds: float = OLD) -> None:
    """Inserts rows as a transaction has left them `age_seconds` ago."""
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
    """Returns the ids of the next `count` messages in their order."""
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


async def test_a_committed_message_is_published_at_once_and_its_row_may_be_deleted(
    relay: OutboxRelay, bus: NatsBus, subject: str
):
    envelope = message(subject)
    relay.send([Outgoing(envelope)])
    assert await take(bus, subject, 1) == [envelope.id]
    assert await eventually(lambda: published(relay)) == [envelope.id]
    assert relay.take_published() == []


async def test_rows_whose_deletion_was_rolled_back_are_returned_again(relay: OutboxRelay):
    relay.restore_published(["a", "b"])
    assert relay.take_published() == ["a", "b"]


async def test_rows_of_published_messages_are_deleted_without_another_transaction(
    pool: Pool, relay: OutboxRelay, bus: NatsBus, subject: str
):
    envelope = message(subject)
    await commit(pool, envelope, age_seconds=0)
    relay.send([Outgoing(envelope)])
    assert await take(bus, subject, 1) == [envelope.id]
    async with working(relay):
        await eventually(lambda: is_empty(pool))


async def test_overdue_rows_of_another_gateway_are_published(
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
        """Counts published messages, since the broker drops duplicates."""

        def __init__(self) -> None:
            self.published: Counter[str] = Counter()

        async def publish(self, envelope: Envelope) -> None:
            self.published[envelope.id] += 1
            await bus.publish(envelope)

    envelopes = [message(subject) for _ in range(outbox.SWEEP_BATCH_SIZE + 100)]
    await commit(pool, *envelopes)
    counting = CountingBus()
    relays = [OutboxRelay(pool, counting, RecordingHandler()) for _ in range(2)]  # pyright: ignore[reportArgumentType]
    sent = await asyncio.gather(*(relay.relay_overdue() for relay in relays))
    assert sorted(sent) == [100, outbox.SWEEP_BATCH_SIZE]
    assert counting.published == Counter(envelope.id for envelope in envelopes)
    assert await is_empty(pool)


async def test_rows_stay_while_the_broker_is_down_and_are_published_afterwards(
    pool: Pool, own_broker: NatsBroker, subject: str
):
    bus = await NatsBus.connect(own_broker.url, name="relay", lease_seconds=2)
    await own_broker.stop()
    envelopes = [message(subject) for _ in range(5)]
    await commit(pool, *envelopes)
    relay = OutboxRelay(pool, bus, RecordingHandler())
    with pytest.raises(BusUnavailable):
        await relay.relay_overdue()
    assert await waiting(pool) == 5
    async with working(relay):
        await own_broker.start()
        await eventually(lambda: is_empty(pool))
        assert sorted(await take(bus, subject, 5)) == sorted(envelope.id for envelope in envelopes)
    await bus.close()


async def test_a_message_that_could_not_be_published_keeps_its_row(
    pool: Pool, own_broker: NatsBroker, subject: str
):
    bus = await NatsBus.connect(own_broker.url, name="relay", lease_seconds=2)
    await own_broker.stop()
    relay = OutboxRelay(pool, bus, RecordingHandler())
    envelope = message(subject)
    await commit(pool, envelope)
    relay.send([Outgoing(envelope)])
    with pytest.raises(BusUnavailable):
        await relay.relay_overdue()
    assert (relay.take_published(), await waiting(pool)) == ([], 1)
    await bus.close()


async def test_an_undeliverable_message_does_not_block_the_others(pool: Pool, bus: NatsBus, subject: str):
    too_big, small = message(subject, TOO_BIG), message(subject)
    await commit(pool, too_big, small)
    handler = RecordingHandler()
    assert await OutboxRelay(pool, bus, handler).relay_overdue() == 2
    assert await take(bus, subject, 1) == [small.id]
    assert (await is_empty(pool), handler.ids) == (True, [too_big.id])


async def test_an_undeliverable_message_is_reported_until_the_handler_succeeds(
    pool: Pool, bus: NatsBus, subject: str
):
    too_big = message(subject, TOO_BIG)
    await commit(pool, too_big)
    handler = RecordingHandler(failures=2)
    relay = OutboxRelay(pool, bus, handler)
    for rows in (1, 1, 0):
        await relay.relay_overdue()
        assert (await waiting(pool), handler.ids) == (rows, [] if rows else [too_big.id])


async def test_a_stage_with_an_undeliverable_command_fails_with_an_explanation(gateway: Gateway):
    """The API's own limits are far lower."""
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


async def test_the_relay_survives_a_broken_database_connection(
    pool: Pool, harness: WriterHarness, relay: OutboxRelay, bus: NatsBus, subject: str
):
    envelope = message(subject)
    async with working(relay):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
            await eventually(lambda: harness.waiting_for_locks(1))
            await harness.terminate_waiting()
            await eventually(lambda: harness.waiting_for_locks(0))
        await commit(pool, envelope)
        assert await take(bus, subject, 1) == [envelope.id]
