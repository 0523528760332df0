"""Takes status messages from the bus into the writer: all that arrived during one commit go into the next."""

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
MAX_FACTS = 500
"""In one transaction, or by a group more."""
RETRY_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fact:
    job_id: str
    event: StageEvent


@dataclass(frozen=True, slots=True)
class Report:
    """What one delivery says: a fact, or several that its worker has told together."""

    delivery: Delivery
    facts: Sequence[Fact]


class StatusConsumer:
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
            count = len(batch[0].facts)
            while count < MAX_FACTS and not arrived.empty():
                batch.append(await self._read(arrived.get_nowait()))
                count += len(batch[-1].facts)
            await self._apply([report for report in batch if report.facts])

    async def _read(self, delivery: Delivery) -> Report:
        """Of a delivery that says nothing that can be read there are no facts, and it has been rejected."""
        facts = list(facts_in(delivery.envelope))
        if not facts:
            await delivery.reject()
        return Report(delivery, facts)

    async def _apply(self, batch: Sequence[Report]) -> None:
        """What cannot be stored is left out; a delivery that says nothing else is rejected."""
        facts = [fact for report in batch for fact in report.facts]
        log.debug("status.taken", count=len(facts))
        lost = {id(fact) for fact in await self._store(facts, batch)}
        ends = [
            report.delivery.reject() if lost.issuperset(map(id, report.facts)) else report.delivery.ack()
            for report in batch
        ]
        for result in await asyncio.gather(*ends, return_exceptions=True):
            if isinstance(result, BusUnavailable):  # it comes again; to apply it twice is harmless
                log.warning("status.not_acknowledged", error=result.message)
            elif result is not None:
                raise result

    async def _store(self, facts: Sequence[Fact], batch: Sequence[Report]) -> Sequence[Fact]:
        """Returns those that PostgreSQL cannot hold: they are looked for by halves."""
        try:
            await self._store_together(facts, batch)
        except UNSTORABLE_ERRORS as exc:
            if len(facts) == 1:
                log.error("status.unstorable", job_id=facts[0].job_id, error=str(exc))
                return facts
        else:
            return ()
        middle = len(facts) // 2
        return [*await self._store(facts[:middle], batch), *await self._store(facts[middle:], batch)]

    async def _store_together(self, facts: Sequence[Fact], batch: Sequence[Report]) -> None:
        """Go on until PostgreSQL has taken them."""
        while True:
            try:
                return await self._writer.apply((fact.job_id, fact.event) for fact in facts)
            except TRANSIENT_ERRORS as exc:
                log.warning("status.not_stored", error=str(exc), waiting=len(facts))
                await asyncio.sleep(RETRY_SECONDS)
                await asyncio.gather(*(report.delivery.extend() for report in batch))


def facts_in(envelope: Envelope) -> Iterator[Fact]:
    """What cannot be read is left out."""
    try:
        for message, traceparent in statuses_in(envelope):
            fact = read(message)
            if fact is not None:
                record_span(message, traceparent, fact)
                yield fact
    except InvalidArgument as exc:
        log.error("status.unreadable", subject=envelope.subject, error=exc.message)


def read(message: Message) -> Fact | None:
    try:
        return Fact(*stage_event(message))
    except InvalidArgument as exc:
        log.error("status.unreadable", kind=message.DESCRIPTOR.full_name, error=exc.message)
        return None


async def collect(deliveries: AsyncIterator[Delivery], arrived: asyncio.Queue[Delivery]) -> None:
    async for delivery in deliveries:
        arrived.put_nowait(delivery)


def record_span(message: Message, traceparent: str | None, fact: Fact) -> None:
    """Mark in the job's trace that the gateway has taken the fact in."""
    if isinstance(fact.event, Progressed) or not exports_spans():
        return
    tracer().start_span(
        f"gateway.apply {message.DESCRIPTOR.name}",
        context=context_from(traceparent),
        kind=trace.SpanKind.CONSUMER,
        attributes={"job_id": fact.job_id, "stage_id": fact.event.stage_id},
    ).end()
