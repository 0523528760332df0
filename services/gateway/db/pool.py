"""Connects to PostgreSQL, and says which of its errors pass."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncpg
import stamina

from services.gateway.db.jsonb import from_json, to_json

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

Record = asyncpg.Record
START_SECONDS = 60.0
BY_INDEX = {
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""Session settings: one plan for each statement, by its indexes.

A plan is kept until the next ANALYZE: one that was made for a small table must do for a large one too.
Planning the statement that writes costs more than running it.
"""
UNREACHABLE_ERRORS = (
    ConnectionError,
    FileNotFoundError,  # the socket of a PostgreSQL that is away
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke in the middle of an operation
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


async def connect_database(url: str, *, connections: int) -> Pool:
    """Returns a pool whose connections read and write jsonb as Python values.

    Waits up to a minute for PostgreSQL, then raises the last error.
    """

    async def connect() -> Pool:
        return await asyncpg.create_pool(
            url,
            min_size=2,
            max_size=connections,
            init=prepare,
            reset=keep_session,
            command_timeout=30,
            server_settings=BY_INDEX,
            timeout=10,
        )

    return await when_reachable(connect)


async def when_reachable(connect: Callable[[], Awaitable[Pool]]) -> Pool:
    """Returns what `connect` returns. Retries it for up to a minute, then raises the last error."""
    async for attempt in stamina.retry_context(
        on=UNREACHABLE_ERRORS, attempts=None, timeout=START_SECONDS, wait_max=2.0
    ):
        with attempt:
            return await connect()
    raise AssertionError("It has returned or raised by now.")


async def prepare(connection: "asyncpg.Connection[Any]") -> None:
    await connection.set_type_codec("jsonb", encoder=to_json, decoder=from_json, schema="pg_catalog")


async def keep_session(_connection: object) -> None:
    """Resets nothing when a connection is given back, which saves a round trip: no caller sets, locks or
    listens for a session. A transaction that was left open is rolled back all the same."""


TRANSIENT_ERRORS = (
    *UNREACHABLE_ERRORS,
    OSError,
    TimeoutError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)
"""Errors that pass when PostgreSQL is back."""

UNSTORABLE_ERRORS = (asyncpg.DataError, UnicodeError)
"""Errors for a value that PostgreSQL cannot hold, such as a NUL in a text."""
