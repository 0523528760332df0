"""Fake workers that use the real bus contract and behave as the test says."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from google.protobuf.message import Message

from likeness.jobs.v1.engines_pb2 import EngineAnnounced
from likeness.jobs.v1.stages_pb2 import (
    JobCancelled,
    StageCancelled,
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageRequested,
    StageStarted,
)
from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.aio import cancel_and_wait
from services.chassis.bus.codec import pack, unpack
from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.bus.subjects import CANCEL, ENGINES, stage_subject, status_subject
from services.chassis.contracts.jobs import artifact_to_proto, check_to_proto, error_to_proto, spec_to_proto
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import LikenessError
from services.chassis.storage import ObjectStore
from tests.unit.gateway.jobs import job_examples

TIMEOUT_SECONDS = 20.0
MEDIA_SECONDS = 2.5
CONCURRENCY = 100
PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "tts": ("speech", "timeline"),
    "voice": ("speech", "timeline"),
    "video": ("video",),
    "mux": ("video", "audio", "thumbnail"),
}


def products_of(service: str, request: StageRequested) -> tuple[str, ...]:
    """Returns the names of the outputs that the command asks for."""
    task = SynthesisTask()
    cloned = request.task.Unpack(task) and task.WhichOneof("instead") == "cloning"
    return ("speaker",) if cloned else PRODUCTS[service]


class FakeWorker:
    """A worker of one engine: runs commands with `behaviour`, records commands and cancellations."""

    def __init__(self, bus: Bus, store: ObjectStore, spec: EngineSpec) -> None:
        self.bus = bus
        self.store = store
        self.spec = spec
        self.worker_id = f"{spec.service}-{secrets.token_hex(3)}"
        self.behaviour: Behaviour = complete
        self.checks: tuple[QualityCheck, ...] = ()
        self.requests: list[StageRequested] = []
        self.cancelled: list[str] = []
        self.stage_cancellations: list[StageCancelled] = []
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def working(self) -> AsyncGenerator["FakeWorker"]:
        tasks = [asyncio.create_task(self._take()), asyncio.create_task(self._follow_cancels())]
        try:
            yield self
        finally:
            await cancel_and_wait(tasks)

    async def announce(self, *, running: int = 0, leaving: bool = False) -> None:
        message = EngineAnnounced(
            worker_id=self.worker_id,
            engine=spec_to_proto(self.spec),
            concurrency=CONCURRENCY,
            running=running,
            leaving=leaving,
        )
        await self.bus.broadcast(pack(ENGINES, message, source=self.worker_id))

    async def publish(self, message: Message) -> None:
        await self.bus.publish(pack(status_subject(self.spec.service), message, source=self.worker_id))

    async def start(self, request: StageRequested) -> None:
        await self.publish(StageStarted(stage=request.stage, worker_id=self.worker_id))

    async def progress(self, request: StageRequested, fraction: float) -> None:
        await self.publish(StageProgressed(stage=request.stage, worker_id=self.worker_id, progress=fraction))

    async def finish(self, request: StageRequested) -> None:
        workspace, key = request.stage.workspace_id, request.action_key
        outputs = {
            name: await self.store.put_bytes(workspace, f"{name} of {key}".encode(), "application/test")
            for name in products_of(self.spec.service, request)
        }
        await self.publish(
            StageCompleted(
                stage=request.stage,
                worker_id=self.worker_id,
                outputs={name: artifact_to_proto(artifact) for name, artifact in outputs.items()},
                media_seconds=MEDIA_SECONDS,
                checks=map(check_to_proto, self.checks),
            )
        )

    async def fail(self, request: StageRequested, error: LikenessError) -> None:
        await self.publish(
            StageFailed(stage=request.stage, worker_id=self.worker_id, error=error_to_proto(error))
        )

    async def received(self, count: int = 1) -> StageRequested:
        """Waits for the `count`-th command and returns it."""
        await self._until(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    async def received_cancel(self, job_id: str, count: int = 1) -> None:
        await self._until(lambda: self.cancelled.count(job_id) >= count)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(TIMEOUT_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    async def _take(self) -> None:
        subject = stage_subject(self.spec.service, self.spec.name)
        async with (
            self.bus.consume(subject, prefetch=CONCURRENCY) as deliveries,
            asyncio.TaskGroup() as running,
        ):
            async for delivery in deliveries:
                running.create_task(self._run(delivery))

    async def _run(self, delivery: Delivery) -> None:
        request = unpack(delivery.envelope)
        assert isinstance(request, StageRequested)
        async with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        await self.behaviour(self, request)
        await delivery.ack()

    async def _follow_cancels(self) -> None:
        async with self.bus.listen(CANCEL) as cancels:
            async for envelope in cancels:
                message = unpack(envelope)
                assert isinstance(message, JobCancelled | StageCancelled)
                async with self._changed:
                    if isinstance(message, JobCancelled):
                        self.cancelled.append(message.job_id)
                    else:
                        self.stage_cancellations.append(message)
                    self._changed.notify_all()


Behaviour = Callable[[FakeWorker, StageRequested], Awaitable[None]]


async def complete(worker: FakeWorker, request: StageRequested) -> None:
    await worker.start(request)
    await worker.finish(request)


async def start_only(worker: FakeWorker, request: StageRequested) -> None:
    await worker.start(request)


def fail_first(error: LikenessError, times: int) -> Behaviour:
    """Returns a behaviour that fails the first `times` attempts with the error, then completes."""

    async def behaviour(worker: FakeWorker, request: StageRequested) -> None:
        if request.stage.attempt > times:
            return await complete(worker, request)
        await worker.start(request)
        return await worker.fail(request, error)

    return behaviour


class FakeWorkers:
    """One worker for each service. Engine names end in a random suffix, so their queues are not shared."""

    def __init__(self, bus: Bus, store: ObjectStore) -> None:
        self.suffix = secrets.token_hex(3)
        tts = replace(job_examples.TTS, operations=("clone",))
        specs = (tts, job_examples.ANY_VOICE, job_examples.VIDEO, job_examples.MUX)
        self.workers = {
            spec.service: FakeWorker(bus, store, replace(spec, name=f"{spec.name}-{self.suffix}"))
            for spec in specs
        }

    def __getitem__(self, service: str) -> FakeWorker:
        return self.workers[service]

    @asynccontextmanager
    async def working(self) -> AsyncGenerator["FakeWorkers"]:
        async with AsyncExitStack() as stack:
            for worker in self.workers.values():
                await stack.enter_async_context(worker.working())
            yield self

    async def announce(self) -> None:
        for worker in self.workers.values():
            await worker.announce()
