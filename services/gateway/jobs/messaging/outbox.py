"""Publishes messages of the transactional outbox: they are committed with the change that causes them.

A message is published straight from memory after the commit. If that fails, its row is found by another
gateway, or by this one after a restart.
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
SWEEP_BATCH_SIZE = 200
SWEEP_SECONDS = 1.0
OVERDUE_SECONDS = 5.0
"""Age of a row that the gateway that committed it has failed to publish."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that a transaction has written to the outbox."""

    envelope: Envelope
    broadcast: bool = False


class UndeliverableHandler(Protocol):
    """Called before a message that the bus rejects permanently is dropped.

    It is dropped so that it does not hold up the others. The call may come again for the same message.
    """

    async def __call__(self, envelope: Envelope, reason: str) -> None: ...


class OutboxRelay:
    """Moves messages from the outbox to the bus, at least once, many in flight.

    Several gateways may sweep at the same time: each row is taken by one of them.
    """

    def __init__(self, pool: Pool, bus: Bus, on_undeliverable: UndeliverableHandler) -> None:
        self._pool = pool
        self._bus = bus
        self._on_undeliverable = on_undeliverable
        self._published: list[str] = []
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Starts to publish messages that have just been committed. Failed ones are left to the sweep."""
        for message in messages:
            task = asyncio.create_task(self._send_committed(message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def take_published(self) -> list[str]:
        """Returns the ids of rows that the next transaction must delete: each id is returned once."""
        published, self._published = self._published, []
        return published

    def restore_published(self, ids: Sequence[str]) -> None:
        """Takes back ids whose rows were not deleted, because the transaction has failed."""
        self._published += ids

    async def run(self) -> None:
        while True:
            try:
                await self._clear()
                while await self.relay_overdue() == SWEEP_BATCH_SIZE:
                    pass
            except (BusUnavailable, *TRANSIENT_ERRORS) as exc:
                log.warning("outbox.relay_failed", error=str(exc))
            await asyncio.sleep(SWEEP_SECONDS)

    async def relay_overdue(self, age_seconds: float = OVERDUE_SECONDS) -> int:
        """Publishes up to `SWEEP_BATCH_SIZE` rows of that age. Returns how many rows there were.

        Rows that cannot be published now stay. Raises the first error of the bus.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            taken = await connection.fetch(SQL["take"], SWEEP_BATCH_SIZE, age_seconds)
            rows = [outgoing_of(row) for row in taken]
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
        """Deletes the rows of published messages, if no transaction has done so."""
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
        """Calls the handler, then counts the message as published.

        Must not run in a transaction: the handler may wait for a row that it had locked.
        """
        try:
            await self._on_undeliverable(envelope, reason)
        except TRANSIENT_ERRORS as exc:
            log.warning("outbox.message_not_dropped", id=envelope.id, error=str(exc))
        else:
            log.error("outbox.message_dropped", subject=envelope.subject, id=envelope.id, error=reason)
            self._published.append(envelope.id)


def outgoing_of(row: Record) -> Outgoing:
    return Outgoing(Envelope(row["subject"], row["id"], row["data"], row["headers"]), row["broadcast"])
