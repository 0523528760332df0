"""Workspaces and API keys in PostgreSQL. Only the digest of a key is ever stored."""

import hashlib
import secrets

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.accounts")


def hash_key(key: str) -> bytes:
    """SHA-256: keys are random and long, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).digest()


async def workspace_of_key(connection: Connection, key: str) -> str | None:
    """The workspace that the key opens; `None` for an unknown or revoked key."""
    return await connection.fetchval(SQL["workspace_of_key"], hash_key(key))


async def ensure_key(connection: Connection, workspace_id: str, name: str, key: str) -> None:
    """Make the key valid for the workspace, which is created if need be, in place of others of that name.

    A key that was revoked stays so.
    """
    await connection.execute(SQL["ensure_workspace"], workspace_id)
    key_id = f"key_{secrets.token_hex(12)}"
    await connection.execute(SQL["ensure_key"], key_id, workspace_id, name, hash_key(key))
    await connection.execute(SQL["revoke_others"], workspace_id, name, hash_key(key))
