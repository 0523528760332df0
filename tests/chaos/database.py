"""What stands in PostgreSQL, read past the API."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

RETRY_SECONDS = 0.3
AWAY = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    TimeoutError,
)


class Truth:
    """Reads go on until PostgreSQL answers."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        async with self._turn:
            while True:
                try:
                    return await (await self._connect()).fetch(sql, *arguments, timeout=20)
                except asyncpg.exceptions.SyntaxOrAccessError:
                    raise
                except AWAY:
                    await self._forget()
                    await asyncio.sleep(RETRY_SECONDS)

    async def value(self, sql: str, *arguments: Any) -> Any:
        return (await self.fetch(sql, *arguments))[0][0]

    async def close(self) -> None:
        await self._forget()

    async def _connect(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=5)
        return self._connection

    async def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
