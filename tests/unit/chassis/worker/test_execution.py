"""Status reports of a stage: their content and time."""

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
from services.chassis.worker.execution import Interruption, StageExecution
from services.chassis.worker.runner import StageOutcome, Storing
from services.chassis.worker.status_batch import statuses_in
from services.chassis.worker.status_reporter import StatusReporter

HEARTBEAT_SECONDS = 0.05
CHECK = judge("loudness", -50, "LUFS", lower=-40, seen="It is hardly heard.")


class FakeBus:
    """A bus that keeps published statuses while it is reachable."""

    def __init__(self) -> None:
        self.statuses: list[Message] = []
        self.received = asyncio.Event()
        self.reachable = asyncio.Event()
        self.reachable.set()

    async def publish(self, envelope: Envelope) -> None:
        if not self.reachable.is_set():
            raise BusUnavailable("away")
        self.statuses += [status for status, _ in statuses_in(envelope)]
        self.received.set()

    @property
    def kinds(self) -> list[type[Message]]:
        return [type(message) for message in self.statuses]


class FakeDelivery:
    attempt = 1

    def __init__(self, envelope: Envelope, on_extend: Callable[[], None]) -> None:
        self.envelope = envelope
        self.on_extend = on_extend
        self.ends: list[str] = []

    async def ack(self) -> None:
        self.ends.append("ack")

    async def release(self, delay: float = 0.0) -> None:
        self.ends.append("release")

    async def reject(self) -> None:
        self.ends.append("reject")

    async def extend(self) -> None:
        self.on_extend()


class FakeRunner:
    """A runner whose stage ends when `work` does, and is stored when `store` has ended."""

    service = "tts"
    task_type = SynthesisTask

    def __init__(
        self, work: Callable[[], Awaitable[None]], store: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._work = work
        self._store = store or succeed

    async def run(
        self, workspace_id: str, engine: str, task: Message, inputs: Mapping[str, Artifact]
    ) -> AsyncGenerator[Progress | Storing | StageOutcome]:
        await self._work()
        yield Storing()
        await self._store()
        yield StageOutcome({}, media_seconds=1.0, checks=(CHECK,))


def ignore() -> None:
    return None


async def succeed() -> None:
    return None


async def run(
    bus: FakeBus, work: Callable[[], Awaitable[None]], on_extend: Callable[[], None] = ignore
) -> FakeDelivery:
    execution, delivery = execution_of(bus, FakeRunner(work), on_extend)
    async with asyncio.timeout(20):
        await execution.run()
    return delivery


def execution_of(
    bus: FakeBus, runner: FakeRunner, on_extend: Callable[[], None] = ignore
) -> tuple[StageExecution, FakeDelivery]:
    request = StageRequested(stage=StageRef(stage_id="s", attempt=1), engine="e")
    request.task.Pack(SynthesisTask(text="x"))
    delivery = FakeDelivery(pack("subject", request, source="test"), on_extend)
    reporter = StatusReporter(bus, "tts", "w")  # pyright: ignore[reportArgumentType] - publishes only
    execution = StageExecution(
        request,
        delivery,
        runner,  # pyright: ignore[reportArgumentType] - runs stages only
        reporter,
        heartbeat_seconds=HEARTBEAT_SECONDS,
    )
    return execution, delivery


async def test_a_short_stage_is_reported_once() -> None:
    bus = FakeBus()
    delivery = await run(bus, succeed)
    (completed,) = bus.statuses
    assert isinstance(completed, StageCompleted)
    assert [check_from_proto(check) for check in completed.checks] == [CHECK]
    assert 0 < completed.started_at.ToNanoseconds() <= completed.completed_at.ToNanoseconds()
    assert delivery.ends == ["ack"]


async def test_the_report_of_a_failure_has_the_start_time() -> None:
    async def fail() -> None:
        raise LikenessError("no")

    bus = FakeBus()
    await run(bus, fail)
    (failed,) = bus.statuses
    assert isinstance(failed, StageFailed)
    assert failed.started_at.ToNanoseconds() > 0


async def test_a_long_stage_reports_its_start_before_its_end() -> None:
    bus = FakeBus()

    async def wait_for_a_status() -> None:
        await bus.received.wait()

    await run(bus, wait_for_a_status)
    started, completed = bus.statuses
    assert isinstance(started, StageStarted)
    assert isinstance(completed, StageCompleted)
    assert started.started_at == completed.started_at


async def test_the_delivery_is_extended_while_the_end_cannot_be_reported() -> None:
    bus = FakeBus()
    bus.reachable.clear()
    await run(bus, succeed, on_extend=bus.reachable.set)
    assert StageCompleted in bus.kinds
    assert StageStarted not in bus.kinds


async def test_no_task_is_left_after_the_end() -> None:
    before = asyncio.all_tasks()
    await run(FakeBus(), succeed)
    assert asyncio.all_tasks() == before


async def test_a_stage_that_is_cancelled_at_work_reports_nothing() -> None:
    bus, begun = FakeBus(), asyncio.Event()

    async def work_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    execution, delivery = execution_of(bus, FakeRunner(work_for_ever))
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(execution.run())
        await begun.wait()
        execution.interrupt(Interruption.CANCELLED)
    assert StageCompleted not in bus.kinds
    assert delivery.ends == ["ack"]


async def test_outputs_that_are_being_stored_are_reported_though_the_stage_is_cancelled() -> None:
    bus, storing, stored = FakeBus(), asyncio.Event(), asyncio.Event()

    async def store() -> None:
        storing.set()
        await stored.wait()

    execution, delivery = execution_of(bus, FakeRunner(succeed, store))
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(execution.run())
        await storing.wait()
        execution.interrupt(Interruption.CANCELLED)
        stored.set()
    assert StageCompleted in bus.kinds
    assert delivery.ends == ["ack"]
