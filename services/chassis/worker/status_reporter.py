"""What a worker tells the gateway, confirmed in groups: many that come at once cost little more than one."""

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
from services.chassis.worker.status_batch import Status, group_of

GROUP_BYTES = 128 * 1024
"""Far below what the bus carries. One status that is bigger goes by itself."""
GROUP_STATUSES = 100
RETRY_SECONDS = 1.0
log = structlog.get_logger()


def _future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class Telling:
    """A status on its way. When it goes by itself it has an id: a queue drops a second one with the same."""

    status: Status
    traceparent: str | None = field(default_factory=current_traceparent)
    id: str = ""
    confirmed: "asyncio.Future[None]" = field(default_factory=_future)


class StatusReporter:
    """Tells the gateway what happens to stages, in the order in which it is asked to.

    What comes up while the broker confirms one message goes into the next one together.
    """

    def __init__(self, bus: Bus, service: str, worker_id: str) -> None:
        self.worker_id = worker_id
        self._bus = bus
        self._service = service
        self._waiting: list[Telling] = []
        self._publishing: asyncio.Task[None] | None = None

    async def tell(self, status: Status) -> None:
        """Return once the broker has confirmed it. Raises `BusUnavailable`.

        Whoever is cancelled while it waits for its turn tells nothing.
        """
        await self._tell(Telling(status))

    async def publish_durably(self, status: Status) -> None:
        """Go on until the broker has confirmed it."""
        telling = Telling(status)
        while True:
            try:
                return await self._tell(telling)
            except BusUnavailable as error:
                metrics.STATUS_RETRIES.labels(self._service).inc()
                log.warning("status.not_taken", kind=type(status).__name__, error=error.message)
                await asyncio.sleep(RETRY_SECONDS)
                telling.confirmed = _future()

    async def _tell(self, telling: Telling) -> None:
        self._waiting.append(telling)
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.create_task(self._publish_all(), context=Context())
        await telling.confirmed

    async def _publish_all(self) -> None:
        while self._waiting:
            group = take_group(self._waiting)
            try:
                if group:
                    await self._bus.publish(self._envelope(group))
            except Exception as error:  # noqa: BLE001 - whoever waits is told
                for telling in group:
                    if not telling.confirmed.done():
                        telling.confirmed.set_exception(error)
            else:
                for telling in group:
                    if not telling.confirmed.done():
                        telling.confirmed.set_result(None)

    def _envelope(self, group: Sequence[Telling]) -> Envelope:
        subject = status_subject(self._service)
        if len(group) == 1:
            told = group[0]
            told.id = told.id or new_id()
            return pack(subject, told.status, source=self.worker_id, id=told.id, traceparent=told.traceparent)
        statuses = group_of((told.status, told.traceparent) for told in group)
        return pack(subject, statuses, source=self.worker_id)


def take_group(waiting: list[Telling]) -> list[Telling]:
    """Takes out what goes into the next message, and those who have given up."""
    group: list[Telling] = []
    size = taken = 0
    for telling in waiting:
        size += telling.status.ByteSize()
        if group and (size > GROUP_BYTES or len(group) == GROUP_STATUSES):
            break
        taken += 1
        if not telling.confirmed.done():
            group.append(telling)
    del waiting[:taken]
    return group
