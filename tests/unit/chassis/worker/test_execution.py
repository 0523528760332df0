"""What is told of a stage, and when."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import StageCompleted, StageFailed, StageRef, StageRequested, StageStarted
from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.bus.codec import pack
from services.chassis.bus.protocol import Envelope
from services.chassis.contracts.jobs import check_from_proto
from services.chassis.engine_api.quality import judge
from services.chassis.engine_api.spec import Progress
from services.chassis.errors import BusUnavailable, LikenessError
from services.chassis.storage import Artifact
from services.chassis.worker.execution import StageExecution
from services.chassis.worker.runner import StageOutcome
from services.chassis.worker.status_batch import statuses_in
from services.chassis.worker.status_reporter import StatusReporter

HEARTBEAT_SECONDS = 0.05
CHECK = judge("loudness", -50, "LUFS", lower=-40, seen="It is hardly heard.")


class FakeBus:
    """Takes statuses, once it is reachable."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.heard = asyncio.Event()
        self.reachable = asyncio.Event()
        self.reachable.set()

    async def publish(self, envelope: Envelope) -> None:
        if not self.reachable.is_set():
            raise BusUnavailable("away")
        self.told += [status for status, _ in statuses_in(envelope)]
        self.heard.set()

    @property
    def kinds(self) -> list[type[Message]]:
        return [type(message) for message in self.told]


class FakeDelivery:
    attempt = 1

    def __init__(self, envelope: Envelope, on_extend: Callable[[], None]) -> None:
        self.envelope = envelope
        self.extend_told = on_extend
        self.ends: list[str] = []

    async def ack(self) -> None:
        self.ends.append("ack")

    async def release(self, delay: float = 0.0) -> None:
        self.ends.append("release")

    async def reject(self) -> None:
        self.ends.append("reject")

    async def extend(self) -> None:
        self.extend_told()


class FakeRunner:
    """Ends when `work` does."""

    service = "tts"
    task_type = SynthesisTask

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work

    async def run(
        self, workspace_id: str, engine: str, task: Message, inputs: Mapping[str, Artifact]
    ) -> AsyncGenerator[Progress | StageOutcome]:
        await self._work()
        yield StageOutcome({}, media_seconds=1.0, checks=(CHECK,))


def ignore() -> None:
    return None


async def at_once() -> None:
    return None


async def run(
    bus: FakeBus, work: Callable[[], Awaitable[None]], on_extend: Callable[[], None] = ignore
) -> FakeDelivery:
    request = StageRequested(stage=StageRef(stage_id="s", attempt=1), engine="e")
    request.task.Pack(SynthesisTask(text="x"))
    delivery = FakeDelivery(pack("subject", request, source="test"), on_extend)
    reporter = StatusReporter(bus, "tts", "w")  # pyright: ignore[reportArgumentType] - publishes only
    runner = FakeRunner(work)
    execution = StageExecution(
        request,
        delivery,
        runner,  # pyright: ignore[reportArgumentType] - runs stages only
        reporter,
        heartbeat_seconds=HEARTBEAT_SECONDS,
    )
    async with asyncio.timeout(20):
        await execution.run()
    return delivery


async def test_a_stage_that_ends_at_once_is_told_of_once() -> None:
    bus = FakeBus()
    delivery = await run(bus, at_once)
    (completed,) = bus.told
    assert isinstance(completed, StageCompleted)
    assert [check_from_proto(check) for check in completed.checks] == [CHECK]
    assert 0 < completed.started_at.ToNanoseconds() <= completed.completed_at.ToNanoseconds()
    assert delivery.ends == ["ack"]


async def test_a_failure_at_once_says_when_the_stage_began() -> None:
    async def fail() -> None:
        raise LikenessError("no")

    bus = FakeBus()
    await run(bus, fail)
    (failed,) = bus.told
    assert isinstance(failed, StageFailed)
    assert failed.started_at.ToNanoseconds() > 0


async def test_a_stage_that_goes_on_tells_its_start_before_its_end() -> None:
    bus = FakeBus()

    async def until_told() -> None:
        await bus.heard.wait()

    await run(bus, until_told)
    started, completed = bus.told
    assert isinstance(started, StageStarted)
    assert isinstance(completed, StageCompleted)
    assert started.started_at == completed.started_at


async def test_the_delivery_is_kept_while_the_end_cannot_be_told() -> None:
    bus = FakeBus()
    bus.reachable.clear()
    await run(bus, at_once, on_extend=bus.reachable.set)
    assert StageCompleted in bus.kinds
    assert StageStarted not in bus.kinds


async def test_nothing_goes_on_after_the_end() -> None:
    before = asyncio.all_tasks()
    await run(FakeBus(), at_once)
    assert asyncio.all_tasks() == before
