"""The transactional outbox: what must be published is committed with the change that asks for it."""

import asyncio
from collections.abc import Sequence

import structlog

from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.errors import BusUnavailable, InvalidArgument
from services.gateway.database import TRANSIENT_ERRORS, Connection, Pool, Record
from services.gateway.notifications import Notifications
from services.gateway.sql import load_queries

SQL = load_queries("services.gateway", "outbox.sql")
CHANNEL = "likeness_outbox"
BATCH = 200
SWEEP_SECONDS = 5.0
log = structlog.get_logger()


async def enqueue(
    connection: Connection, queued: Sequence[Envelope], broadcasts: Sequence[Envelope] = ()
) -> None:
    """Publish these once the caller's transaction has been committed."""
    envelopes = [*queued, *broadcasts]
    if not envelopes:
        return
    await connection.execute(
        SQL["insert"],
        [envelope.id for envelope in envelopes],
        [False] * len(queued) + [True] * len(broadcasts),
        [envelope.subject for envelope in envelopes],
        [dict(envelope.headers) for envelope in envelopes],
        [envelope.data for envelope in envelopes],
    )
    await connection.execute(SQL["notify"], CHANNEL)


class OutboxRelay:
    """Moves messages from the outbox to the bus, at least once, many in flight.

    Several gateways may relay at the same time: each row is taken by one of them.
    """

    def __init__(self, pool: Pool, bus: Bus, notifications: Notifications) -> None:
        self._pool = pool
        self._bus = bus
        self._notifications = notifications

    async def run(self) -> None:
        with self._notifications.subscribe(CHANNEL) as wakeups:
            while True:
                try:
                    while await self.relay_batch() == BATCH:
                        pass
                except (BusUnavailable, *TRANSIENT_ERRORS) as exc:
                    log.warning("outbox_relay_failed", error=str(exc))
                await wakeups.wait(SWEEP_SECONDS)

    async def relay_batch(self) -> int:
        """Publish up to a batch; what cannot be published stays. Returns how many went out."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SQL["take"], BATCH)
            results = await asyncio.gather(*(self._send(row) for row in rows), return_exceptions=True)
            sent = [row["id"] for row, result in zip(rows, results, strict=True) if result is None]
            await connection.execute(SQL["delete"], sent)
        for result in results:
            if result is not None:
                raise result
        return len(sent)

    async def _send(self, row: Record) -> None:
        """A message that no bus would ever carry counts as sent: it must not hold up the others."""
        envelope = Envelope(row["subject"], row["id"], row["data"], row["headers"])
        try:
            await (self._bus.broadcast(envelope) if row["broadcast"] else self._bus.publish(envelope))
        except InvalidArgument as exc:
            log.error("outbox_message_dropped", subject=envelope.subject, id=envelope.id, error=exc.message)
