"""Stores the chains of a floor: in PostgreSQL, or nowhere."""

from collections.abc import Sequence
from typing import Protocol

import asyncpg

from benchmarks.orchestration import STAGES

Step = tuple[str, int]
"""A chain, and the number of one of its stages."""

SCHEMA = """
CREATE TABLE chains (id text PRIMARY KEY, status text NOT NULL, created_at timestamptz DEFAULT now());
CREATE TABLE stages (chain_id text NOT NULL REFERENCES chains, number integer NOT NULL, state text NOT NULL,
                     queued_at timestamptz, completed_at timestamptz, PRIMARY KEY (chain_id, number));
"""
CREATE = """
WITH created AS (INSERT INTO chains (id, status) SELECT unnest($1::text[]), 'queued' RETURNING id)
INSERT INTO stages (chain_id, number, state, queued_at)
SELECT id, number, CASE number WHEN 0 THEN 'queued' ELSE 'waiting' END, CASE number WHEN 0 THEN now() END
FROM created, generate_series(0, $2) AS number
"""
ADVANCE = """
WITH finished AS (SELECT * FROM unnest($1::text[], $2::integer[]) AS _(chain_id, number)),
completed AS (
    UPDATE stages SET state = 'completed', completed_at = now() FROM finished
    WHERE stages.chain_id = finished.chain_id AND stages.number = finished.number),
queued AS (
    UPDATE stages SET state = 'queued', queued_at = now() FROM finished
    WHERE stages.chain_id = finished.chain_id AND stages.number = finished.number + 1)
UPDATE chains SET status = 'completed' FROM finished
WHERE chains.id = finished.chain_id AND finished.number = $3
"""


class Store(Protocol):
    """Stores the state of chains."""

    async def create(self, chains: Sequence[str]) -> None: ...

    async def advance(self, finished: Sequence[Step]) -> None:
        """Stores that these stages have completed, and that the next ones are requested."""
        ...


class PostgresStore:
    """Stores chains in PostgreSQL. Each call is one statement and one commit."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    @classmethod
    async def connect(cls, url: str) -> "PostgresStore":
        connection = await asyncpg.connect(url)
        await connection.execute(SCHEMA)
        return cls(connection)

    async def create(self, chains: Sequence[str]) -> None:
        await self._connection.execute(CREATE, chains, STAGES - 1)

    async def advance(self, finished: Sequence[Step]) -> None:
        chains, numbers = zip(*finished, strict=True)
        await self._connection.execute(ADVANCE, chains, numbers, STAGES - 1)


class NoStore:
    """Stores nothing."""

    async def create(self, chains: Sequence[str]) -> None:
        return None

    async def advance(self, finished: Sequence[Step]) -> None:
        return None
