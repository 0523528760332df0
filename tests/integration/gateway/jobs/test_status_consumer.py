"""Statuses from the bus into the tables, whatever else is on the bus and whoever goes away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from google.protobuf.message import Message

from likeness.jobs.v1.errors_pb2 import StageError
from likeness.jobs.v1.stages_pb2 import JobCancelled, StageCompleted, StageFailed, StageRef, StageStarted
from services.chassis.aio import cancel_and_wait
from services.chassis.bus.codec import pack
from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.subjects import status_subject
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.errors import BusUnavailable
from services.chassis.worker.status_batch import batch_statuses
from services.gateway.jobs.status_consumer import StatusConsumer
from tests.integration.gateway.test_writer import distinct_job
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness
from tests.servers import NatsBroker
from tests.unit.gateway.jobs.job_examples import build_artifact

SUBJECT = status_subject("tts")


def ref(job_id: str = "video_1") -> StageRef:
    return StageRef(workspace_id="default", job_id=job_id, stage_id=f"{job_id}/tts", attempt=1)


def started() -> StageStarted:
    return StageStarted(stage=ref(), worker_id="w1")


def completed() -> StageCompleted:
    outputs = {"speech": artifact_to_proto(build_artifact("speech"))}
    return StageCompleted(stage=ref(), worker_id="w1", outputs=outputs, media_seconds=1.0)


async def say(bus: NatsBus, *messages: Message) -> None:
    for message in messages:
        await bus.publish(pack(SUBJECT, message, source="test"))


async def is_in_state(books: WriterHarness, state: str) -> bool:
    return (await books.stage("tts")).state == state


@pytest.fixture
async def consumer(books: WriterHarness, bus: NatsBus) -> AsyncIterator["asyncio.Task[None]"]:
    running = asyncio.create_task(StatusConsumer(bus, books.writer).run())
    yield running
    await cancel_and_wait([running])


async def test_what_cannot_be_read_is_rejected_and_the_others_are_applied(books: WriterHarness, bus: NatsBus):
    """All of them are there before the consumer comes, and so they come in batches."""
    await books.create()
    await bus.publish(Envelope(SUBJECT, "garbage-1", b"\xff\xff\xff", {"ce-type": "likeness.Unknown"}))
    broken = pack(SUBJECT, started(), source="test")
    await bus.publish(Envelope(SUBJECT, "garbage-2", b"\xff\xff\xff", broken.headers))
    await say(bus, JobCancelled(job_id="video_1"), started(), completed(), completed())
    running = asyncio.create_task(StatusConsumer(bus, books.writer).run())
    try:
        await eventually(lambda: is_in_state(books, "completed"))
        await eventually(lambda: nothing_is_left(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
    assert (await books.events()).count("stage.completed") == 1


async def test_last_words_with_a_nul_are_taken(
    books: WriterHarness, bus: NatsBus, consumer: "asyncio.Task[None]"
):
    await books.create()
    await say(bus, StageFailed(stage=ref(), worker_id="w1", error=StageError(message="a\x00b")))
    await eventually(lambda: is_in_state(books, "failed"))
    failure = (await books.stage("tts")).failure
    assert failure is not None
    assert failure.message == "a�b"


@pytest.mark.parametrize(
    "poison",
    [
        StageStarted(stage=ref("video_2"), worker_id="w\x00"),
        StageCompleted(stage=ref("video_2"), worker_id="w1", media_seconds=float("nan")),
    ],
    ids=["text", "number"],
)
async def test_a_status_that_cannot_be_stored_is_rejected_alone(
    books: WriterHarness, bus: NatsBus, poison: Message
):
    await books.create()
    await books.create("video_2", job=distinct_job("video_2"))
    await say(bus, poison, started(), poison, completed())
    running = asyncio.create_task(StatusConsumer(bus, books.writer).run())
    try:
        await eventually(lambda: is_in_state(books, "completed"))
        await eventually(lambda: nothing_is_left(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
    assert (await books.stage("tts", "video_2")).state == "queued"


async def test_a_group_loses_only_what_is_wrong_with_it(books: WriterHarness, bus: NatsBus):
    await books.create()
    await books.create("video_2", job=distinct_job("video_2"))
    unreadable = StageCompleted(stage=ref("video_2"), worker_id="w1", media_seconds=float("nan"))
    unstorable = StageStarted(stage=ref("video_2"), worker_id="w\x00")
    later = StageStarted(stage=ref("video_2"), worker_id="w1")
    group = batch_statuses(
        (status, None) for status in (unreadable, started(), unstorable, completed(), later)
    )
    group.statuses.add()
    await say(bus, group)
    running = asyncio.create_task(StatusConsumer(bus, books.writer).run())
    try:
        await eventually(lambda: nothing_is_left(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
    assert (await books.stage("tts")).state == "completed"
    assert (await books.stage("tts", "video_2")).state == "running"


async def test_a_group_of_which_nothing_can_be_stored_is_rejected(books: WriterHarness, bus: NatsBus):
    await books.create()
    poison = StageStarted(stage=ref(), worker_id="w\x00")
    await say(bus, batch_statuses([(poison, None), (poison, None)]), completed())
    running = asyncio.create_task(StatusConsumer(bus, books.writer).run())
    try:
        await eventually(lambda: is_in_state(books, "completed"))
        await eventually(lambda: nothing_is_left(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])


async def test_a_broker_that_goes_away_before_the_acknowledgement_does_not_end_the_consumer(
    books: WriterHarness, own_broker: NatsBroker
):
    await books.create()
    bus = await NatsBus.connect(own_broker.url, name="consumer", lease_seconds=2)
    running = asyncio.create_task(StatusConsumer(bus, books.writer).run())
    try:
        async with books.pool.acquire() as connection, connection.transaction():
            await connection.fetch("SELECT * FROM jobs FOR UPDATE")
            await say(bus, started())
            await eventually(lambda: books.waiting_for_locks(1))
            await own_broker.stop()
        await eventually(lambda: is_in_state(books, "running"))
        with pytest.raises(BusUnavailable):  # and so has the acknowledgement failed, which came before
            await bus.check()
        assert not running.done()
        await own_broker.start()
        await say(bus, completed())
        await eventually(lambda: is_in_state(books, "completed"))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
        await bus.close()


async def test_a_database_that_goes_away_costs_no_status(
    books: WriterHarness, bus: NatsBus, consumer: "asyncio.Task[None]"
):
    await books.create()
    async with books.pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT * FROM jobs FOR UPDATE")
        await say(bus, completed())
        await eventually(lambda: books.waiting_for_locks(1))
        await books.terminate_waiting()
    await eventually(lambda: is_in_state(books, "completed"))
    assert not consumer.done()


async def nothing_is_left(bus: NatsBus) -> bool:
    """Whether every status has been acknowledged or rejected."""
    jetstream = bus._jetstream  # pyright: ignore[reportPrivateUsage]
    info = await jetstream.stream_info("likeness-status")
    return info.state.messages == 0
