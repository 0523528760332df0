"""Publisher of stage statuses, which batches those that wait for the broker.

Many statuses at once cost little more than one.
"""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field

import structlog

from services.chassis.bus.codec import new_id, pack
from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.bus.subjects import status_subject
from services.chassis.errors import BusUnavailable
from services.chassis.observability import metrics
from services.chassis.observability.telemetry import current_traceparent
from services.chassis.worker.status_batch import Status, batch_statuses

MAX_BATCH_BYTES = 128 * 1024
"""Far below what the bus carries. A single status that is bigger goes by itself."""
MAX_BATCH_STATUSES = 100
RETRY_SECONDS = 1.0
log = structlog.get_logger()


def _future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class PendingStatus:
    """A status that is to be published.

    A status that is published by itself has an id: a queue drops a second message with the same id.
    """

    status: Status
    traceparent: str | None = field(default_factory=current_traceparent)
    id: str = ""
    confirmed: "asyncio.Future[None]" = field(default_factory=_future)


class StatusReporter:
    """Publishes statuses of stages to the gateway, in the order of the calls.

    Statuses that arrive while the broker confirms one message go into the next one together.
    """

    def __init__(self, bus: Bus, service: str, worker_id: str) -> None:
        self.worker_id = worker_id
        self._bus = bus
        self._service = service
        self._waiting: list[PendingStatus] = []
        self._publishing: asyncio.Task[None] | None = None

    async def publish(self, status: Status) -> None:
        """Returns once the broker has confirmed the status. Raises `BusUnavailable`.

        A caller that is cancelled before its turn publishes nothing.
        """
        await self._enqueue(PendingStatus(status))

    async def publish_durably(self, status: Status) -> None:
        """Publishes the status, and retries until the broker has confirmed it."""
        pending = PendingStatus(status)
        while True:
            try:
                return await self._enqueue(pending)
            except BusUnavailable as error:
                metrics.STATUS_RETRIES.labels(self._service).inc()
                log.warning("status.not_taken", kind=type(status).__name__, error=error.message)
                await asyncio.sleep(RETRY_SECONDS)
                pending.confirmed = _future()

    async def _enqueue(self, pending: PendingStatus) -> None:
        self._waiting.append(pending)
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.create_task(self._publish_all(), context=Context())
        await pending.confirmed

    async def _publish_all(self) -> None:
        while self._waiting:
            batch = take_batch(self._waiting)
            try:
                if batch:
                    await self._bus.publish(self._envelope(batch))
            except Exception as error:  # noqa: BLE001 - the callers get it
                for pending in batch:
                    if not pending.confirmed.done():
                        pending.confirmed.set_exception(error)
            else:
                for pending in batch:
                    if not pending.confirmed.done():
                        pending.confirmed.set_result(None)

    def _envelope(self, batch: Sequence[PendingStatus]) -> Envelope:
        subject = status_subject(self._service)
        if len(batch) == 1:
            pending = batch[0]
            pending.id = pending.id or new_id()
            return pack(
                subject, pending.status, source=self.worker_id, id=pending.id, traceparent=pending.traceparent
            )
        statuses = batch_statuses((pending.status, pending.traceparent) for pending in batch)
        return pack(subject, statuses, source=self.worker_id)


def take_batch(waiting: list[PendingStatus]) -> list[PendingStatus]:
    """Removes the next batch from `waiting` and returns it, without statuses whose callers have given up."""
    batch: list[PendingStatus] = []
    size = taken = 0
    for pending in waiting:
        size += pending.status.ByteSize()
        if batch and (size > MAX_BATCH_BYTES or len(batch) == MAX_BATCH_STATUSES):
            break
        taken += 1
        if not pending.confirmed.done():
            batch.append(pending)
    del waiting[:taken]
    return batch
