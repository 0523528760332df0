"""Small workers that speak the bus contract and do what the test says."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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

WITHIN_SECONDS = 20.0
MEDIA_SECONDS = 2.5
CONCURRENCY = 100
PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "tts": ("speech", "timeline"),
    "voice": ("speech", "timeline"),
    "video": ("video",),
    "mux": ("video", "audio", "thumbnail"),
}


class FakeWorker:
    def __init__(self, bus: Bus, store: ObjectStore, spec: EngineSpec) -> None:
        self.bus = bus
        self.store = store
        self.spec = spec
        self.worker_id = f"{spec.service}-{secrets.token_hex(3)}"
        self.act: Act = complete
        self.checks: tuple[QualityCheck, ...] = ()
        self.requests: list[StageRequested] = []
        self.cancelled: list[str] = []
        self.displaced: list[StageCancelled] = []
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def working(self) -> AsyncIterator["FakeWorker"]:
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

    async def say(self, message: Message) -> None:
        await self.bus.publish(pack(status_subject(self.spec.service), message, source=self.worker_id))

    async def start(self, request: StageRequested) -> None:
        await self.say(StageStarted(stage=request.stage, worker_id=self.worker_id))

    async def progress(self, request: StageRequested, fraction: float) -> None:
        await self.say(StageProgressed(stage=request.stage, worker_id=self.worker_id, progress=fraction))

    async def finish(self, request: StageRequested) -> None:
        workspace, key = request.stage.workspace_id, request.action_key
        outputs = {
            name: await self.store.put_bytes(workspace, f"{name} of {key}".encode(), "application/test")
            for name in PRODUCTS[self.spec.service]
        }
        await self.say(
            StageCompleted(
                stage=request.stage,
                worker_id=self.worker_id,
                outputs={name: artifact_to_proto(artifact) for name, artifact in outputs.items()},
                media_seconds=MEDIA_SECONDS,
                checks=map(check_to_proto, self.checks),
            )
        )

    async def fail(self, request: StageRequested, error: LikenessError) -> None:
        await self.say(
            StageFailed(stage=request.stage, worker_id=self.worker_id, error=error_to_proto(error))
        )

    async def asked(self, count: int = 1) -> StageRequested:
        """The `count`-th command."""
        await self._until(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    async def told_to_stop(self, job_id: str, count: int = 1) -> None:
        await self._until(lambda: self.cancelled.count(job_id) >= count)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_SECONDS), self._changed:
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
        await self.act(self, request)
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
                        self.displaced.append(message)
                    self._changed.notify_all()


Act = Callable[[FakeWorker, StageRequested], Awaitable[None]]


async def complete(worker: FakeWorker, request: StageRequested) -> None:
    await worker.start(request)
    await worker.finish(request)


async def start_and_fall_silent(worker: FakeWorker, request: StageRequested) -> None:
    await worker.start(request)


def fail_first(error: LikenessError, times: int) -> Act:
    """Fail with the error so many attempts, then complete."""

    async def act(worker: FakeWorker, request: StageRequested) -> None:
        if request.stage.attempt > times:
            return await complete(worker, request)
        await worker.start(request)
        return await worker.fail(request, error)

    return act


class FakeWorkers:
    """A worker for each service. Its engines have names of their own, and so queues of their own."""

    def __init__(self, bus: Bus, store: ObjectStore) -> None:
        self.suffix = secrets.token_hex(3)
        specs = (job_examples.TTS, job_examples.ANY_VOICE, job_examples.VIDEO, job_examples.MUX)
        self.workers = {
            spec.service: FakeWorker(bus, store, replace(spec, name=f"{spec.name}-{self.suffix}"))
            for spec in specs
        }

    def __getitem__(self, service: str) -> FakeWorker:
        return self.workers[service]

    @asynccontextmanager
    async def working(self) -> AsyncIterator["FakeWorkers"]:
        async with AsyncExitStack() as stack:
            for worker in self.workers.values():
                await stack.enter_async_context(worker.working())
            yield self

    async def announce(self) -> None:
        for worker in self.workers.values():
            await worker.announce()
