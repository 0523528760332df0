"""Takes status messages from the bus into the ledger: all that arrived during one commit go into the next."""

import asyncio
from collections.abc import AsyncIterator

import structlog
from google.protobuf.message import Message
from opentelemetry import trace

from services.chassis.bus import codec, subjects
from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.errors import InvalidArgument
from services.chassis.tasks import cancel_and_wait, first_to_end
from services.chassis.telemetry import context_from, tracer
from services.gateway.database import TRANSIENT_ERRORS
from services.gateway.videos.ledger import Ledger
from services.gateway.videos.status_messages import stage_event
from services.gateway.videos.transition import Progressed, StageEvent

PREFETCH = 500
RETRY_SECONDS = 1.0
log = structlog.get_logger()


class StatusConsumer:
    def __init__(self, bus: Bus, ledger: Ledger) -> None:
        self._bus = bus
        self._ledger = ledger
        self._arrived: asyncio.Queue[Delivery] = asyncio.Queue()

    async def run(self) -> None:
        async with self._bus.consume(f"{subjects.STATUS}.>", prefetch=PREFETCH) as deliveries:
            parts = [
                asyncio.create_task(self._collect(deliveries)),
                asyncio.create_task(self._apply_batches()),
            ]
            try:
                await first_to_end(parts)
            finally:
                await cancel_and_wait(parts)

    async def _collect(self, deliveries: AsyncIterator[Delivery]) -> None:
        async for delivery in deliveries:
            self._arrived.put_nowait(delivery)

    async def _apply_batches(self) -> None:
        while True:
            batch = [await self._arrived.get()]
            while not self._arrived.empty():
                batch.append(self._arrived.get_nowait())
            await self._apply(batch)

    async def _apply(self, batch: list[Delivery]) -> None:
        readable = [(delivery, event) for delivery in batch if (event := await self._read(delivery))]
        while True:
            try:
                await self._ledger.apply(event for _, event in readable)
                break
            except TRANSIENT_ERRORS as exc:
                log.warning("status_not_stored", error=str(exc), waiting=len(readable))
                await asyncio.sleep(RETRY_SECONDS)
                await asyncio.gather(*(delivery.extend() for delivery, _ in readable))
        await asyncio.gather(*(delivery.ack() for delivery, _ in readable))

    async def _read(self, delivery: Delivery) -> tuple[str, StageEvent] | None:
        try:
            message = codec.unpack(delivery.envelope)
            video_id, event = stage_event(message)
        except InvalidArgument as exc:
            log.error("status_unreadable", subject=delivery.envelope.subject, error=exc.message)
            await delivery.reject()
            return None
        if not isinstance(event, Progressed):
            record_span(delivery, message, video_id, event)
        return video_id, event


def record_span(delivery: Delivery, message: Message, video_id: str, event: StageEvent) -> None:
    """Mark in the video's trace that the gateway has taken the fact in."""
    with tracer().start_as_current_span(
        f"gateway.apply {message.DESCRIPTOR.name}",
        context=context_from(delivery.envelope.headers.get("traceparent")),
        kind=trace.SpanKind.CONSUMER,
        attributes={"video_id": video_id, "stage_id": event.stage_id},
    ):
        log.info("status_taken", fact=message.DESCRIPTOR.name, video_id=video_id, stage_id=event.stage_id)
