"""Takes status messages from the bus into the ledger: all that arrived during one commit go into the next."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import structlog
from google.protobuf.message import Message
from opentelemetry import trace

from services.chassis.bus import codec, subjects
from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.errors import BusUnavailable, InvalidArgument
from services.chassis.tasks import cancel_and_wait, first_to_end
from services.chassis.telemetry import context_from, exports_spans, tracer
from services.gateway.database import TRANSIENT_ERRORS, UNSTORABLE_ERRORS
from services.gateway.videos.ledger import Ledger
from services.gateway.videos.stage_events import Progressed, StageEvent
from services.gateway.videos.status_messages import stage_event

PREFETCH = 500
RETRY_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fact:
    delivery: Delivery
    video_id: str
    event: StageEvent


class StatusConsumer:
    def __init__(self, bus: Bus, ledger: Ledger) -> None:
        self._bus = bus
        self._ledger = ledger

    async def run(self) -> None:
        while True:
            try:
                await self._consume()
            except BusUnavailable as exc:
                log.warning("status_not_consumed", error=exc.message)
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
            batch = [await arrived.get()]
            while not arrived.empty():
                batch.append(arrived.get_nowait())
            await self._apply(batch)

    async def _apply(self, batch: list[Delivery]) -> None:
        facts = [fact for delivery in batch if (fact := await self._read(delivery))]
        log.debug("statuses_taken", count=len(facts))
        try:
            await self._store(facts)
        except UNSTORABLE_ERRORS:
            facts = [fact for fact in facts if await self._store_alone(fact)]
        for result in await asyncio.gather(*(fact.delivery.ack() for fact in facts), return_exceptions=True):
            if isinstance(result, BusUnavailable):  # it comes again; to apply it twice is harmless
                log.warning("status_not_acknowledged", error=result.message)
            elif result is not None:
                raise result

    async def _store(self, facts: Sequence[Fact]) -> None:
        """Go on until PostgreSQL has taken them."""
        while True:
            try:
                return await self._ledger.apply((fact.video_id, fact.event) for fact in facts)
            except TRANSIENT_ERRORS as exc:
                log.warning("status_not_stored", error=str(exc), waiting=len(facts))
                await asyncio.sleep(RETRY_SECONDS)
                await asyncio.gather(*(fact.delivery.extend() for fact in facts))

    async def _store_alone(self, fact: Fact) -> bool:
        """Whether it could be stored; if not, it has been rejected."""
        try:
            await self._store([fact])
        except UNSTORABLE_ERRORS as exc:
            log.error("status_unstorable", video_id=fact.video_id, error=str(exc))
            await fact.delivery.reject()
            return False
        return True

    async def _read(self, delivery: Delivery) -> Fact | None:
        try:
            message = codec.unpack(delivery.envelope)
            video_id, event = stage_event(message)
        except InvalidArgument as exc:
            log.error("status_unreadable", subject=delivery.envelope.subject, error=exc.message)
            await delivery.reject()
            return None
        if exports_spans() and not isinstance(event, Progressed):
            record_span(delivery, message, video_id, event)
        return Fact(delivery, video_id, event)


async def collect(deliveries: AsyncIterator[Delivery], arrived: asyncio.Queue[Delivery]) -> None:
    async for delivery in deliveries:
        arrived.put_nowait(delivery)


def record_span(delivery: Delivery, message: Message, video_id: str, event: StageEvent) -> None:
    """Mark in the video's trace that the gateway has taken the fact in."""
    tracer().start_span(
        f"gateway.apply {message.DESCRIPTOR.name}",
        context=context_from(delivery.envelope.headers.get("traceparent")),
        kind=trace.SpanKind.CONSUMER,
        attributes={"video_id": video_id, "stage_id": event.stage_id},
    ).end()
