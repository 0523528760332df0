"""The status consumer applies every readable status, through outages of the broker and the database."""

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
from tests.integration.gateway.waiting import eventually
from tests.integration.gateway.writer_harness import WriterHarness, distinct_job
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


async def publish(bus: NatsBus, *messages: Message) -> None:
    for message in messages:
        await bus.publish(pack(SUBJECT, message, source="test"))


async def is_in_state(harness: WriterHarness, state: str) -> bool:
    return (await harness.stage("tts")).state == state


@pytest.fixture
async def consumer(harness: WriterHarness, bus: NatsBus) -> AsyncIterator["asyncio.Task[None]"]:
    running = asyncio.create_task(StatusConsumer(bus, harness.writer).run())
    yield running
    await cancel_and_wait([running])


async def test_unreadable_messages_are_rejected_and_the_others_are_applied(
    harness: WriterHarness, bus: NatsBus
):
    """All messages are there before the consumer starts, so they arrive in batches."""
    await harness.create()
    await bus.publish(Envelope(SUBJECT, "garbage-1", b"\xff\xff\xff", {"ce-type": "likeness.Unknown"}))
    broken = pack(SUBJECT, started(), source="test")
    await bus.publish(Envelope(SUBJECT, "garbage-2", b"\xff\xff\xff", broken.headers))
    await publish(bus, JobCancelled(job_id="video_1"), started(), completed(), completed())
    running = asyncio.create_task(StatusConsumer(bus, harness.writer).run())
    try:
        await eventually(lambda: is_in_state(harness, "completed"))
        await eventually(lambda: stream_is_empty(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
    assert (await harness.events()).count("stage.completed") == 1


async def test_an_error_message_with_a_nul_is_stored_without_it(
    harness: WriterHarness, bus: NatsBus, consumer: "asyncio.Task[None]"
):
    await harness.create()
    await publish(bus, StageFailed(stage=ref(), worker_id="w1", error=StageError(message="a\x00b")))
    await eventually(lambda: is_in_state(harness, "failed"))
    failure = (await harness.stage("tts")).failure
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
    harness: WriterHarness, bus: NatsBus, poison: Message
):
    await harness.create()
    await harness.create("video_2", job=distinct_job("video_2"))
    await publish(bus, poison, started(), poison, completed())
    running = asyncio.create_task(StatusConsumer(bus, harness.writer).run())
    try:
        await eventually(lambda: is_in_state(harness, "completed"))
        await eventually(lambda: stream_is_empty(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
    assert (await harness.stage("tts", "video_2")).state == "queued"


async def test_only_the_invalid_statuses_of_a_batch_are_dropped(harness: WriterHarness, bus: NatsBus):
    await harness.create()
    await harness.create("video_2", job=distinct_job("video_2"))
    unreadable = StageCompleted(stage=ref("video_2"), worker_id="w1", media_seconds=float("nan"))
    unstorable = StageStarted(stage=ref("video_2"), worker_id="w\x00")
    later = StageStarted(stage=ref("video_2"), worker_id="w1")
    group = batch_statuses(
        (status, None) for status in (unreadable, started(), unstorable, completed(), later)
    )
    group.statuses.add()
    await publish(bus, group)
    running = asyncio.create_task(StatusConsumer(bus, harness.writer).run())
    try:
        await eventually(lambda: stream_is_empty(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
    assert (await harness.stage("tts")).state == "completed"
    assert (await harness.stage("tts", "video_2")).state == "running"


async def test_a_batch_without_storable_statuses_is_rejected(harness: WriterHarness, bus: NatsBus):
    await harness.create()
    poison = StageStarted(stage=ref(), worker_id="w\x00")
    await publish(bus, batch_statuses([(poison, None), (poison, None)]), completed())
    running = asyncio.create_task(StatusConsumer(bus, harness.writer).run())
    try:
        await eventually(lambda: is_in_state(harness, "completed"))
        await eventually(lambda: stream_is_empty(bus))
        assert not running.done()
    finally:
        await cancel_and_wait([running])


async def test_the_consumer_survives_a_broker_that_stops_before_the_acknowledgement(
    harness: WriterHarness, own_broker: NatsBroker
):
    await harness.create()
    bus = await NatsBus.connect(own_broker.url, name="consumer", lease_seconds=2)
    running = asyncio.create_task(StatusConsumer(bus, harness.writer).run())
    try:
        async with harness.pool.acquire() as connection, connection.transaction():
            await connection.fetch("SELECT * FROM jobs FOR UPDATE")
            await publish(bus, started())
            await eventually(lambda: harness.waiting_for_locks(1))
            await own_broker.stop()
        await eventually(lambda: is_in_state(harness, "running"))
        with pytest.raises(BusUnavailable):  # so the earlier acknowledgement has failed too
            await bus.check()
        assert not running.done()
        await own_broker.start()
        await publish(bus, completed())
        await eventually(lambda: is_in_state(harness, "completed"))
        assert not running.done()
    finally:
        await cancel_and_wait([running])
        await bus.close()


async def test_no_status_is_lost_when_the_database_connection_breaks(
    harness: WriterHarness, bus: NatsBus, consumer: "asyncio.Task[None]"
):
    await harness.create()
    async with harness.pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT * FROM jobs FOR UPDATE")
        await publish(bus, completed())
        await eventually(lambda: harness.waiting_for_locks(1))
        await harness.terminate_waiting()
    await eventually(lambda: is_in_state(harness, "completed"))
    assert not consumer.done()


async def stream_is_empty(bus: NatsBus) -> bool:
    """Tells whether every status has been acknowledged or rejected."""
    jetstream = bus._jetstream  # pyright: ignore[reportPrivateUsage]
    info = await jetstream.stream_info("likeness-status")
    return info.state.messages == 0
