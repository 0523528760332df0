"""Stores workspaces and API keys in PostgreSQL; of a key only the digest."""

import hashlib
import re
import secrets
from typing import Any

from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted
from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.accounts")
WORKSPACE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""Objects in the store begin with it, so that it is no path."""
MAX_NAME = 200
Account = dict[str, Any]


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


async def create_workspace(connection: Connection, workspace_id: str, name: str) -> Account:
    """Creates a workspace and returns it. Raises `InvalidArgument` if there is one, or for a bad id."""
    if not WORKSPACE_ID.fullmatch(workspace_id):
        raise InvalidArgument(
            f"{quoted(workspace_id)} is no id of a workspace. Use 1 to 63 small letters, digits, hyphens and "
            "underscores, with a letter or a digit first."
        )
    row = await connection.fetchrow(SQL["create_workspace"], workspace_id, _checked(name))
    if row is None:
        raise InvalidArgument(f"There is a workspace {workspace_id!r} already. Choose another id.")
    return dict(row)


async def list_workspaces(connection: Connection) -> list[Account]:
    return [dict(row) for row in await connection.fetch(SQL["list_workspaces"])]


async def delete_workspace(connection: Connection, workspace_id: str) -> None:
    """Deletes a workspace with its keys, jobs and assets. The garbage collector removes their objects.

    Raises `InvalidArgument` if there is none, or if jobs of it are under way.
    """
    async with connection.transaction():
        if await connection.fetchval(SQL["lock_workspace"], workspace_id) is None:
            raise _unknown(workspace_id)
        if jobs := await connection.fetchval(SQL["count_open_jobs"], workspace_id):
            raise InvalidArgument(
                f"{jobs} jobs of {workspace_id!r} are under way. Revoke its keys, so that no more are "
                "created, and cancel them or wait for their end."
            )
        # The keys of a workspace's objects begin with its id and a slash, behind which comes the zero.
        await connection.execute(SQL["discard_objects"], f"{workspace_id}/", f"{workspace_id}0", workspace_id)
        await connection.execute(SQL["delete_workspace"], workspace_id)


async def create_key(connection: Connection, workspace_id: str, name: str) -> Account:
    """Creates a key and returns it with its secret, `key`, which is not stored.

    Raises `InvalidArgument` if there is no such workspace.
    """
    async with connection.transaction():
        if await connection.fetchval(SQL["lock_workspace"], workspace_id) is None:
            raise _unknown(workspace_id)
        key, key_id = f"lk_{secrets.token_urlsafe(24)}", f"key_{secrets.token_hex(12)}"
        row = await connection.fetchrow(
            SQL["create_key"], key_id, workspace_id, _checked(name), hash_key(key)
        )
    assert row is not None
    return {**row, "key": key}


async def list_keys(connection: Connection, workspace_id: str | None) -> list[Account]:
    """Returns the keys of a workspace, or of all, without their secrets."""
    return [dict(row) for row in await connection.fetch(SQL["list_keys"], workspace_id)]


async def revoke_key(connection: Connection, key_id: str) -> Account:
    """Revokes a key, which opens nothing from the next request on.

    Raises `InvalidArgument` if there is none.
    """
    row = await connection.fetchrow(SQL["revoke_key"], key_id)
    if row is None:
        raise InvalidArgument(f"There is no key {quoted(key_id)}. `keys list` shows the ids of all.")
    return dict(row)


def _checked(name: str) -> str:
    """Raises `InvalidArgument` for a name that cannot be shown in a line."""
    if not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        raise InvalidArgument(f"A name has 1 to {MAX_NAME} printable characters.")
    return name


def _unknown(workspace_id: str) -> InvalidArgument:
    return InvalidArgument(
        f"There is no workspace {quoted(workspace_id)}. `workspaces list` shows all, and `workspaces create` "
        "makes one."
    )
