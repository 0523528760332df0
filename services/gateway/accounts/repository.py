"""Stores workspaces and API keys in PostgreSQL; of a key only the digest."""

import hashlib
import secrets

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.accounts")


def hash_key(key: str) -> bytes:
    """Returns the key's SHA-256: keys are random and long, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).digest()


async def workspace_of_key(connection: Connection, key: str) -> str | None:
    """Returns the workspace that the key opens; `None` for an unknown or revoked key."""
    return await connection.fetchval(SQL["workspace_of_key"], hash_key(key))


async def ensure_key(connection: Connection, workspace_id: str, name: str, key: str) -> None:
    """Makes the key valid for the workspace, in place of other keys of that name; creates the workspace if
    there is none.

    A revoked key stays revoked.
    """
    await connection.execute(SQL["ensure_workspace"], workspace_id)
    key_id = f"key_{secrets.token_hex(12)}"
    await connection.execute(SQL["ensure_key"], key_id, workspace_id, name, hash_key(key))
    await connection.execute(SQL["revoke_others"], workspace_id, name, hash_key(key))
