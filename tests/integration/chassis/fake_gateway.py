"""A fake gateway: requests stages, and receives statuses and announcements of workers."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from google.protobuf.message import Message

from likeness.jobs.v1.engines_pb2 import EngineAnnounced
from likeness.jobs.v1.stages_pb2 import JobCancelled, StageRef, StageRequested
from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.aio import cancel_and_wait
from services.chassis.bus.codec import pack, unpack
from services.chassis.bus.protocol import Bus
from services.chassis.bus.subjects import CANCEL, ENGINES, stage_subject, status_subject
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.errors import BusUnavailable
from services.chassis.storage import Artifact
from services.chassis.worker.status_batch import statuses_in

WITHIN_SECONDS = 30.0

M = TypeVar("M", bound=Message)


class FakeGateway:
    """Requests stages of one service and keeps what is reported of them."""

    def __init__(self, bus: Bus, service: str) -> None:
        self.bus = bus
        self.service = service
        self.statuses: dict[str, list[Message]] = defaultdict(list)
        self.traceparents: dict[str, list[str]] = defaultdict(list)
        self.announced: list[EngineAnnounced] = []
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator["FakeGateway"]:
        tasks = [asyncio.create_task(self._follow_statuses()), asyncio.create_task(self._follow_engines())]
        try:
            yield self
        finally:
            await cancel_and_wait(tasks)
            for task in tasks:
                if not task.cancelled():
                    task.result()

    async def request(
        self,
        command: str,
        path: object = "",
        *,
        job_id: str = "",
        engine: str = "scripted",
        timeout_seconds: float = 0.0,
        inputs: Mapping[str, Artifact] | None = None,
        task: Message | None = None,
        traceparent: str | None = None,
    ) -> str:
        """Requests a stage and returns its id."""
        stage_id = f"st_{secrets.token_hex(6)}"
        request = StageRequested(
            stage=StageRef(workspace_id="ws", job_id=job_id or f"v_{stage_id}", stage_id=stage_id, attempt=1),
            engine=engine,
            inputs={name: artifact_to_proto(each) for name, each in (inputs or {}).items()},
            timeout_seconds=timeout_seconds,
        )
        request.task.Pack(task or SynthesisTask(text=command, voice=str(path)))
        subject = stage_subject(self.service, "scripted")
        await self.bus.publish(pack(subject, request, source="gateway", traceparent=traceparent))
        return stage_id

    async def cancel(self, job_id: str) -> None:
        await self.bus.broadcast(pack(CANCEL, JobCancelled(job_id=job_id), source="gateway"))

    async def wait_for_status(self, stage_id: str, kind: type[M], count: int = 1) -> M:
        """Returns the `count`-th status of this kind."""

        def received() -> list[M]:
            return [status for status in self.statuses[stage_id] if isinstance(status, kind)]

        await self._until(lambda: len(received()) >= count)
        return received()[count - 1]

    async def wait_for_announcement(self, *, leaving: bool = False) -> EngineAnnounced:
        """Returns the last announcement of the service's worker."""

        def received() -> list[EngineAnnounced]:
            return [each for each in self.announced if each.leaving == leaving]

        await self._until(lambda: bool(received()))
        return received()[-1]

    def kinds(self, stage_id: str) -> list[str]:
        """Returns the types of the stage's statuses, progress left out."""
        names = [type(status).__name__ for status in self.statuses[stage_id]]
        return [name for name in names if name != "StageProgressed"]

    def ends(self, stage_id: str) -> list[str]:
        """Returns the types without starts: a short stage reports none."""
        return [name for name in self.kinds(stage_id) if name != "StageStarted"]

    async def _until(self, condition: object) -> None:
        assert callable(condition)
        async with asyncio.timeout(WITHIN_SECONDS), self._changed:
            await self._changed.wait_for(lambda: bool(condition()))

    async def _follow_statuses(self) -> None:
        async with self.bus.consume(status_subject(self.service), prefetch=10) as deliveries:
            async for delivery in deliveries:
                async with self._changed:
                    for status, traceparent in statuses_in(delivery.envelope):
                        stage_id: str = getattr(status, "stage").stage_id  # noqa: B009 - every status has it
                        self.statuses[stage_id].append(status)
                        self.traceparents[stage_id].append(traceparent or "")
                    self._changed.notify_all()
                with suppress(BusUnavailable):  # the message is delivered again
                    await delivery.ack()

    async def _follow_engines(self) -> None:
        async with self.bus.listen(ENGINES) as announcements:
            async for envelope in announcements:
                message = unpack(envelope)
                if isinstance(message, EngineAnnounced) and message.worker_id.startswith(self.service):
                    async with self._changed:
                        self.announced.append(message)
                        self._changed.notify_all()
