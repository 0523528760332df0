"""A database with the gateway's tables, and gateways on it."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.cli.stack.postgres import PostgresServer
from services.gateway.accounts import repository as accounts
from services.gateway.database import Pool, connect_database
from services.gateway.migrate import migrate
from tests.integration.gateway.books import Books, TurnedClock
from tests.unit.gateway.jobs import NOW


def url_of(server: PostgresServer, name: str) -> str:
    return server.url.replace("/likeness?", f"/{name}?")


@pytest.fixture(scope="session")
async def migrated(postgres: PostgresServer) -> AsyncIterator[str]:
    """The name of a database that others are copies of."""
    name = f"template_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    # In a thread: Alembic's environment runs an event loop of its own.
    await asyncio.to_thread(migrate, url_of(postgres, name))
    yield name
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def database_url(postgres: PostgresServer, migrated: str) -> AsyncIterator[str]:
    """A database of the test's own, with empty tables."""
    name = f"gateway_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    yield url_of(postgres, name)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """With the workspaces `default` and `other`."""
    async with await connect_database(database_url, connections=5) as pool:
        async with pool.acquire() as connection:
            for workspace in ("default", "other"):
                await accounts.ensure_key(connection, workspace, workspace, f"key of {workspace}")
        yield pool


@pytest.fixture
async def books(pool: Pool) -> Books:
    return Books.opened(pool, TurnedClock(NOW))
