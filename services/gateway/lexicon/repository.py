"""Stores the lexicons of workspaces in PostgreSQL."""

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries
from services.gateway.lexicon.pronunciation import Pronunciation, folded

SQL = load_queries("services.gateway.lexicon")
MAX_WORDS = 5_000


async def every(connection: Connection, workspace: str) -> list[Pronunciation]:
    """Returns all entries in the order of their words, which are at most `MAX_WORDS`."""
    return [Pronunciation(**row) for row in await connection.fetch(SQL["every"], workspace)]


async def page(connection: Connection, workspace: str, after: str | None, limit: int) -> list[Pronunciation]:
    """Returns entries in the order of their words, from the first or after the word `after`."""
    rows = await connection.fetch(SQL["page"], workspace, after and folded(after), limit)
    return [Pronunciation(**row) for row in rows]


async def find(connection: Connection, workspace: str, word: str) -> Pronunciation | None:
    row = await connection.fetchrow(SQL["find"], workspace, folded(word))
    return Pronunciation(**row) if row else None


async def put(connection: Connection, workspace: str, entry: Pronunciation) -> bool:
    """Stores the entry, or replaces that of the same word. Returns False if the lexicon is full."""
    arguments = (folded(entry.word), entry.word, entry.ipa, entry.respelling, entry.updated_at, MAX_WORDS)
    return await connection.fetchval(SQL["put"], workspace, *arguments) is not None


async def delete(connection: Connection, workspace: str, word: str) -> bool:
    """Deletes the entry of the word. Returns False if there is none."""
    return await connection.fetchval(SQL["delete"], workspace, folded(word)) is not None
