"""Consumes status messages from the bus and applies them through the job writer.

All messages that arrive during one commit go into the next.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import structlog
from google.protobuf.message import Message
from opentelemetry import trace

from services.chassis.aio import cancel_and_wait, first_to_end
from services.chassis.bus import subjects
from services.chassis.bus.protocol import Bus, Delivery, Envelope
from services.chassis.errors import BusUnavailable, InvalidArgument
from services.chassis.observability.telemetry import context_from, exports_spans, tracer
from services.chassis.worker.status_batch import statuses_in
from services.gateway.db.pool import TRANSIENT_ERRORS, UNSTORABLE_ERRORS
from services.gateway.jobs.domain.events import Progressed, StageEvent
from services.gateway.jobs.messaging.incoming import stage_event
from services.gateway.jobs.store.writer import JobWriter

PREFETCH = 500
STATUS_BATCH_SIZE = 500
"""Statuses in one transaction; the last delivery may exceed it."""
RETRY_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StageStatus:
    """A worker's event about a stage of the job."""

    job_id: str
    event: StageEvent


@dataclass(frozen=True, slots=True)
class StatusDelivery:
    """A delivery from the bus with its statuses: one, or several that the worker has sent together."""

    delivery: Delivery
    statuses: Sequence[StageStatus]


class StatusConsumer:
    """Applies status messages until it is cancelled. A delivery is acknowledged once it is committed."""

    def __init__(self, bus: Bus, writer: JobWriter) -> None:
        self._bus = bus
        self._writer = writer

    async def run(self) -> None:
        while True:
            try:
                await self._consume()
            except BusUnavailable as exc:
                log.warning("status.not_consumed", error=exc.message)
                await asyncio.sleep(RETRY_SECONDS)

    async def _consume(self) -> None:
        arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        async with self._bus.consume(f"{subjects.STATUS}.>", prefetch=PREFETCH) as deliveries:
            parts = [
                asyncio.create_task(collect(deliveries, arrived)),
                asyncio.create_task(self._apply_batches(arrived)),
            ]
            try:
                await first_to_end(parts)
            finally:
                await cancel_and_wait(parts)

    async def _apply_batches(self, arrived: asyncio.Queue[Delivery]) -> None:
        while True:
            batch = [await self._read(await arrived.get())]
            count = len(batch[0].statuses)
            while count < STATUS_BATCH_SIZE and not arrived.empty():
                batch.append(await self._read(arrived.get_nowait()))
                count += len(batch[-1].statuses)
            await self._apply([each for each in batch if each.statuses])

    async def _read(self, delivery: Delivery) -> StatusDelivery:
        """Decodes a delivery. Rejects it if it has no readable status, and returns it without statuses."""
        statuses = list(decode_all(delivery.envelope))
        if not statuses:
            await delivery.reject()
        return StatusDelivery(delivery, statuses)

    async def _apply(self, batch: Sequence[StatusDelivery]) -> None:
        """Applies the batch and acknowledges its deliveries.

        Rejects a delivery if PostgreSQL can store none of its statuses.
        """
        statuses = [status for each in batch for status in each.statuses]
        log.debug("status.taken", count=len(statuses))
        rejected = {id(status) for status in await self._store(statuses, batch)}
        ends = [
            each.delivery.reject() if rejected.issuperset(map(id, each.statuses)) else each.delivery.ack()
            for each in batch
        ]
        for result in await asyncio.gather(*ends, return_exceptions=True):
            if isinstance(result, BusUnavailable):  # redelivered later; applying it twice is harmless
                log.warning("status.not_acknowledged", error=result.message)
            elif result is not None:
                raise result

    async def _store(
        self, statuses: Sequence[StageStatus], batch: Sequence[StatusDelivery]
    ) -> Sequence[StageStatus]:
        """Returns the statuses that PostgreSQL cannot hold: they are searched for by bisection."""
        try:
            await self._store_together(statuses, batch)
        except UNSTORABLE_ERRORS as exc:
            if len(statuses) == 1:
                log.error("status.unstorable", job_id=statuses[0].job_id, error=type(exc).__name__)
                return statuses
        else:
            return ()
        middle = len(statuses) // 2
        return [*await self._store(statuses[:middle], batch), *await self._store(statuses[middle:], batch)]

    async def _store_together(self, statuses: Sequence[StageStatus], batch: Sequence[StatusDelivery]) -> None:
        """Applies statuses together; retries until PostgreSQL is available."""
        while True:
            try:
                return await self._writer.apply((status.job_id, status.event) for status in statuses)
            except TRANSIENT_ERRORS as exc:
                log.warning("status.not_stored", error=str(exc), waiting=len(statuses))
                await asyncio.sleep(RETRY_SECONDS)
                await asyncio.gather(*(each.delivery.extend() for each in batch))


def decode_all(envelope: Envelope) -> Iterator[StageStatus]:
    """Yields the statuses in the envelope; unreadable ones are logged and left out."""
    try:
        for message, traceparent in statuses_in(envelope):
            status = decode(message)
            if status is not None:
                record_span(message, traceparent, status)
                yield status
    except InvalidArgument as exc:
        log.error("status.unreadable", subject=envelope.subject, error=exc.message)


def decode(message: Message) -> StageStatus | None:
    """Returns `None` for a message that is no readable stage status, after it was logged."""
    try:
        return StageStatus(*stage_event(message))
    except InvalidArgument as exc:
        log.error("status.unreadable", kind=message.DESCRIPTOR.full_name, error=exc.message)
        return None


async def collect(deliveries: AsyncIterator[Delivery], arrived: asyncio.Queue[Delivery]) -> None:
    """Moves deliveries to the queue until their stream ends."""
    async for delivery in deliveries:
        arrived.put_nowait(delivery)


def record_span(message: Message, traceparent: str | None, status: StageStatus) -> None:
    """Records in the job's trace that the gateway has received the status; progress is left out."""
    if isinstance(status.event, Progressed) or not exports_spans():
        return
    tracer().start_span(
        f"gateway.apply {message.DESCRIPTOR.name}",
        context=context_from(traceparent),
        kind=trace.SpanKind.CONSUMER,
        attributes={"job_id": status.job_id, "stage_id": status.event.stage_id},
    ).end()
