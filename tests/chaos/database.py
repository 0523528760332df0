"""Reads the tables from PostgreSQL directly, without the API."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

RETRY_SECONDS = 0.3
CONNECTION_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    TimeoutError,
)


class Database:
    """A connection to PostgreSQL. Queries are retried until PostgreSQL answers."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: asyncpg.Connection | None = None
        self._lock = asyncio.Lock()

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        async with self._lock:
            while True:
                try:
                    return await (await self._connect()).fetch(sql, *arguments, timeout=20)
                except asyncpg.exceptions.SyntaxOrAccessError:
                    raise
                except CONNECTION_ERRORS:
                    await self._disconnect()
                    await asyncio.sleep(RETRY_SECONDS)

    async def value(self, sql: str, *arguments: Any) -> Any:
        return (await self.fetch(sql, *arguments))[0][0]

    async def close(self) -> None:
        await self._disconnect()

    async def _connect(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=5)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
