"""Requests and a PostgreSQL that does not respond."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.gateway.db.pool import Pool
from services.gateway.db.request_pool import connect_requests
from tests.integration.gateway.db.frozen_database import FreezableDatabase, freezable

pytestmark = pytest.mark.timeout(60)
CONNECTIONS = 3
PATIENCE = 0.5


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[FreezableDatabase]:
    async with freezable(database_url, tmp_path) as database:
        yield database


@pytest.fixture
async def pool(database: FreezableDatabase) -> AsyncIterator[Pool]:
    pool = await connect_requests(database.url, connections=CONNECTIONS, seconds=PATIENCE)
    yield pool
    database.thaw()
    await asyncio.wait_for(pool.close(), 20)


async def ask(pool: Pool, seconds: float = 0) -> int:
    async with pool.acquire() as connection:
        await connection.execute("SELECT pg_sleep($1)", seconds)
        return await connection.fetchval("SELECT 1")


async def test_requests_are_given_up_together_and_served_again_afterwards(
    pool: Pool, database: FreezableDatabase
):
    assert await asyncio.gather(*(ask(pool) for _ in range(20))) == [1] * 20
    database.freeze()
    results = await asyncio.wait_for(
        asyncio.gather(*(ask(pool) for _ in range(20)), return_exceptions=True), PATIENCE * 10
    )
    assert [type(result) for result in results] == [TimeoutError] * 20
    database.thaw()
    assert await asyncio.gather(*(ask(pool) for _ in range(20))) == [1] * 20


async def test_a_long_queue_is_no_frozen_database(pool: Pool):
    waiting = [ask(pool, PATIENCE / 2) for _ in range(CONNECTIONS * 6)]
    assert await asyncio.gather(*waiting) == [1] * len(waiting)
