"""A worker: consumes the queues of its engines, follows cancels, and announces its engines."""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from google.protobuf.timestamp_pb2 import Timestamp

from likeness.jobs.v1.engines_pb2 import EngineAnnounced
from likeness.jobs.v1.stages_pb2 import JobCancelled, StageCancelled
from services.chassis.aio import cancel_and_wait, first_to_end
from services.chassis.bus.codec import pack, unpack
from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.bus.subjects import CANCEL, ENGINES
from services.chassis.contracts.jobs import spec_to_proto
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import BusUnavailable, InvalidArgument
from services.chassis.worker.consumer import StageConsumer

log = structlog.get_logger()

MIN_ANNOUNCE_SECONDS = 0.1
MAX_ANNOUNCE_SECONDS = 5.0
ANNOUNCE_SHARE = 0.1
"""Share of its time so far that a worker waits for its next announcement.

A gateway that starts beside the worker may not listen to the first ones; so it learns of the worker soon.
"""
RETRY_SECONDS = 1.0


def new_worker_id(service: str) -> str:
    """Returns a unique id with the host and the process in it."""
    return f"{service}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


def seconds_to_next_announcement(running_seconds: float) -> float:
    """Returns how long a worker waits that has announced itself for so long."""
    return min(MAX_ANNOUNCE_SECONDS, max(MIN_ANNOUNCE_SECONDS, ANNOUNCE_SHARE * running_seconds))


@dataclass(frozen=True, slots=True)
class Worker:
    """Serves `consumers`, the queues of the engines that `specs` describe by name."""

    worker_id: str
    bus: Bus
    consumers: Sequence[StageConsumer]
    specs: Mapping[str, EngineSpec]
    concurrency: int

    async def serve(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set and the running stages are finished or released."""
        queues = asyncio.gather(*(consumer.serve(stop) for consumer in self.consumers))
        background = [asyncio.create_task(self._consume_cancels()), asyncio.create_task(self._announce())]
        try:
            await first_to_end([queues, *background])
        finally:
            await cancel_and_wait([queues, *background])
        await self._announce_once(leaving=True)

    async def _consume_cancels(self) -> None:
        """Follows cancel broadcasts; listens again when the broker is back."""
        while True:
            try:
                async with self.bus.listen(CANCEL) as cancels:
                    async for envelope in cancels:
                        self._handle_cancel(envelope)
            except BusUnavailable as error:
                log.warning("worker.cannot_listen", error=error.message)
                await asyncio.sleep(RETRY_SECONDS)

    def _handle_cancel(self, envelope: Envelope) -> None:
        try:
            message = unpack(envelope)
        except InvalidArgument as error:
            log.error("worker.poison", id=envelope.id, error=error.message)
            return
        for consumer in self.consumers:
            if isinstance(message, JobCancelled):
                consumer.cancel_job(message.job_id)
            elif isinstance(message, StageCancelled) and message.worker_id in ("", self.worker_id):
                consumer.cancel_stage(message.stage.stage_id, message.stage.attempt)

    async def _announce(self) -> None:
        """Announces the engines repeatedly, in quick succession at first."""
        started = time.monotonic()
        while True:
            await self._announce_once()
            await asyncio.sleep(seconds_to_next_announcement(time.monotonic() - started))

    async def _announce_once(self, *, leaving: bool = False) -> None:
        for consumer in self.consumers:
            message = self._announcement(consumer, leaving)
            try:
                await self.bus.broadcast(pack(ENGINES, message, source=self.worker_id))
            except BusUnavailable as error:
                log.warning("worker.not_announced", engine=consumer.engine, error=error.message)

    def _announcement(self, consumer: StageConsumer, leaving: bool) -> EngineAnnounced:
        now = Timestamp()
        now.FromDatetime(datetime.now(UTC))
        return EngineAnnounced(
            worker_id=self.worker_id,
            engine=spec_to_proto(self.specs[consumer.engine]),
            concurrency=self.concurrency,
            running=consumer.running,
            announced_at=now,
            leaving=leaving,
        )
