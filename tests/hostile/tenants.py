"""Workspaces and keys on the stack under attack."""

import asyncpg

from services.gateway.accounts.repository import ensure_key

INNOCENT = "innocent"


async def make_key(database_url: str, workspace: str) -> str:
    """Makes a workspace with a key, and returns the key."""
    key = f"lk_hostile_{workspace}"
    connection = await asyncpg.connect(database_url)
    try:
        await ensure_key(connection, workspace, "hostile", key)
    finally:
        await connection.close()
    return key
