"""Notices jobs that have ended, as a client does: it reads the table after each NOTIFY."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from benchmarks.orchestration.system import Done
from services.gateway.db.pool import BY_INDEX
from services.gateway.jobs.store.repository import EVENTS_CHANNEL

LOOK = "SELECT id, status FROM jobs WHERE id = ANY($1) AND completed_at IS NOT NULL"


class Ends:
    """Follows the notifications of one connection."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", done: Done) -> None:
        self._connection = connection
        self._done = done
        self._rung: set[str] = set()
        self._some = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def followed(cls, url: str, done: Done) -> AsyncGenerator[None]:
        """Calls `done` with the id of every job that completes from now on."""
        connection = await asyncpg.connect(url, server_settings=BY_INDEX)
        ends = cls(connection, done)
        await connection.add_listener(EVENTS_CHANNEL, ends._ring)
        following = asyncio.create_task(ends._follow())
        try:
            yield
        finally:
            following.cancel()
            await connection.close()

    def _ring(self, _connection: object, _pid: int, _channel: str, job_ids: object) -> None:
        self._rung.update(str(job_ids).split(","))
        self._some.set()

    async def _follow(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            rung, self._rung = self._rung, set()
            for row in await self._connection.fetch(LOOK, rung):
                if row["status"] != "completed":
                    raise RuntimeError(f"{row['id']} has ended as {row['status']}")
                self._done(row["id"])
