"""The transactional outbox: what must be published is committed with the change that asks for it.

It is published straight from memory once the commit is there; the row is what another gateway, or this one
after a restart, finds if that did not come to pass.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.errors import BusUnavailable, InvalidArgument
from services.gateway.db.pool import TRANSIENT_ERRORS, Pool, Record
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.jobs.messaging", "outbox.sql")
BATCH = 200
SWEEP_SECONDS = 1.0
OVERDUE_SECONDS = 5.0
"""A row of this age was not published by whom it was committed."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a transaction has written to the outbox."""

    envelope: Envelope
    broadcast: bool = False


class Undeliverable(Protocol):
    """Is told of a message that no bus would ever carry, and why, before it is dropped: it must not hold up
    the others. May be told of the same message again."""

    async def __call__(self, envelope: Envelope, reason: str) -> None: ...


class OutboxRelay:
    """Moves messages from the outbox to the bus, at least once, many in flight.

    Several gateways may sweep at the same time: each row is taken by one of them.
    """

    def __init__(self, pool: Pool, bus: Bus, undeliverable: Undeliverable) -> None:
        self._pool = pool
        self._bus = bus
        self._undeliverable = undeliverable
        self._published: list[str] = []
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Publish what has just been committed. What fails is left to the sweep."""
        for message in messages:
            task = asyncio.create_task(self._send_committed(message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def take_published(self) -> list[str]:
        """Ids of rows that are to be deleted with the next transaction: each is given out once."""
        published, self._published = self._published, []
        return published

    def restore_published(self, ids: Sequence[str]) -> None:
        """The transaction that was to delete them has failed."""
        self._published += ids

    async def run(self) -> None:
        while True:
            try:
                await self._clear()
                while await self.relay_overdue() == BATCH:
                    pass
            except (BusUnavailable, *TRANSIENT_ERRORS) as exc:
                log.warning("outbox.relay_failed", error=str(exc))
            await asyncio.sleep(SWEEP_SECONDS)

    async def relay_overdue(self, age_seconds: float = OVERDUE_SECONDS) -> int:
        """Publish up to a batch of rows of that age; what cannot be published now stays. Returns how many
        rows there were."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = [outgoing_of(row) for row in await connection.fetch(SQL["take"], BATCH, age_seconds)]
            results = await asyncio.gather(*map(self._send, rows), return_exceptions=True)
            outcomes = list(zip(rows, results, strict=True))
            sent = [message.envelope.id for message, result in outcomes if result is None]
            await connection.execute(SQL["delete"], sent)
        for message, result in outcomes:
            if isinstance(result, InvalidArgument):
                await self._drop(message.envelope, result.message)
            elif result is not None:
                raise result
        await self._clear()
        return len(rows)

    async def _clear(self) -> None:
        """Delete what has been published while no transaction came by."""
        published = self.take_published()
        if not published:
            return
        try:
            async with self._pool.acquire() as connection:
                await connection.execute(SQL["delete"], published)
        except BaseException:
            self.restore_published(published)
            raise

    async def _send_committed(self, message: Outgoing) -> None:
        try:
            await self._send(message)
        except InvalidArgument as exc:
            await self._drop(message.envelope, exc.message)
        except BusUnavailable as exc:
            log.warning("outbox.message_not_published", id=message.envelope.id, error=exc.message)
        else:
            self._published.append(message.envelope.id)

    async def _send(self, message: Outgoing) -> None:
        envelope = message.envelope
        await (self._bus.broadcast(envelope) if message.broadcast else self._bus.publish(envelope))

    async def _drop(self, envelope: Envelope, reason: str) -> None:
        """Outside of any transaction: whoever is told may wait for a row that it had locked."""
        try:
            await self._undeliverable(envelope, reason)
        except TRANSIENT_ERRORS as exc:
            log.warning("outbox.message_not_dropped", id=envelope.id, error=str(exc))
        else:
            log.error("outbox.message_dropped", subject=envelope.subject, id=envelope.id, error=reason)
            self._published.append(envelope.id)


def outgoing_of(row: Record) -> Outgoing:
    return Outgoing(Envelope(row["subject"], row["id"], row["data"], row["headers"]), row["broadcast"])
