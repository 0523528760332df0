"""Connections for requests, which do not wait long for a PostgreSQL that does not respond."""

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Any

import asyncpg

from services.gateway.db.patience import Patience
from services.gateway.db.pool import BY_INDEX, Connection, Pool, keep_session, prepare, when_reachable

PATIENCE_SECONDS = 4.0
"""Time without an answer after which a request is told to try again later."""

if TYPE_CHECKING:
    BasePool = asyncpg.Pool[asyncpg.Record]
else:
    BasePool = asyncpg.Pool


class Lease:
    """A connection of the pool, for the time of a block.

    If a statement takes too long, the connection is closed at the end of the block. asyncpg would wait for
    the server to confirm that the statement was cancelled, which a frozen one never does.
    """

    def __init__(self, inner: Any, patience: Patience) -> None:
        self._inner = inner
        self._patience = patience

    async def __aenter__(self) -> Connection:
        async with self._patience.waiting():
            self._connection: Connection = await self._inner.__aenter__()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._patience.answered()
        elif issubclass(kind, TimeoutError):
            self._connection.terminate()
        await self._inner.__aexit__(kind, error, trace)


class RequestPool(BasePool):
    """A pool whose users get TimeoutError when PostgreSQL gives no answer for a few seconds."""

    patience: Patience

    def acquire(self, *, timeout: float | None = None) -> Any:
        return Lease(super().acquire(timeout=timeout), self.patience)


async def connect_requests(url: str, *, connections: int, seconds: float = PATIENCE_SECONDS) -> Pool:
    """Returns a pool of connections for requests; waits up to a minute for PostgreSQL, as `connect_database`
    does."""

    async def connect() -> Pool:
        pool = RequestPool(
            url,
            min_size=2,
            max_size=connections,
            max_queries=50_000,
            max_inactive_connection_lifetime=300.0,
            init=prepare,
            reset=keep_session,
            loop=asyncio.get_running_loop(),
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
            command_timeout=seconds,
            server_settings=BY_INDEX,
            timeout=10,
        )
        pool.patience = Patience(seconds)
        return await pool

    return await when_reachable(connect)
