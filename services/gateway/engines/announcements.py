"""Stores the announcements of workers: which engines they run, and how busy they are."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from likeness.jobs.v1.engines_pb2 import EngineAnnounced
from services.chassis.bus import codec, subjects
from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.contracts.jobs import spec_from_proto
from services.chassis.errors import BusUnavailable, InvalidArgument
from services.gateway.db.pool import TRANSIENT_ERRORS, UNSTORABLE_ERRORS, Pool
from services.gateway.engines import repository
from services.gateway.engines.catalogue import Catalogue

RETRY_SECONDS = 1.0
log = structlog.get_logger()


class Announcements:
    """Listens to the workers' announcements; keeps the catalogue and the tables up to date."""

    def __init__(
        self,
        bus: Bus,
        pool: Pool,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
        timeout_seconds: float,
    ) -> None:
        self._bus = bus
        self._pool = pool
        self._catalogue = catalogue
        self._clock = clock
        self._timeout = timedelta(seconds=timeout_seconds)

    async def listen(self) -> None:
        """Stores announcements until it is cancelled; listens again when the bus is back."""
        while True:
            try:
                await self._listen()
            except BusUnavailable as exc:
                log.warning("announcements.not_received", error=exc.message)
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        async with self._bus.listen(subjects.ENGINES) as announcements:
            async for envelope in announcements:
                try:
                    await self._take(envelope)
                except (InvalidArgument, *UNSTORABLE_ERRORS) as exc:
                    log.error("announcements.unreadable", error=str(exc))
                except TRANSIENT_ERRORS as exc:
                    log.warning("announcements.not_stored", error=str(exc))

    async def _take(self, envelope: Envelope) -> None:
        message = codec.unpack(envelope)
        if not isinstance(message, EngineAnnounced):
            raise InvalidArgument(f"{message.DESCRIPTOR.full_name} is no announcement")
        spec = spec_from_proto(message.engine)
        self._catalogue.learn([spec])
        worker = repository.Worker(
            id=message.worker_id,
            service=spec.service,
            engine=spec.name,
            concurrency=message.concurrency,
            running=message.running,
            announced_at=self._clock(),
        )
        async with self._pool.acquire() as connection, connection.transaction():
            if message.leaving:
                await repository.delete_worker(connection, worker.id, worker.engine)
            else:
                await repository.store(connection, spec, worker)

    async def delete_silent_workers(self) -> None:
        """Deletes repeatedly the workers that have not announced themselves within the timeout."""
        while True:
            await asyncio.sleep(self._timeout.total_seconds())
            try:
                async with self._pool.acquire() as connection:
                    await repository.delete_silent_workers(connection, self._clock() - self._timeout)
            except TRANSIENT_ERRORS as exc:
                log.warning("announcements.silent_workers_not_deleted", error=str(exc))
