"""Stores the avatars of workspaces in PostgreSQL."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.gateway.db.pool import Connection, Record
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.avatars")
MAX_AVATARS = 1000


@dataclass(frozen=True, slots=True)
class StoredAvatar:
    """An avatar of a workspace. `image` is an asset's id; `face` and `landmarks` are as requests have them,
    in JSON."""

    id: str
    workspace_id: str
    name: str
    image: str
    face: Mapping[str, Any] | None
    landmarks: Mapping[str, Any] | None
    created_at: datetime


async def every(connection: Connection, workspace: str) -> list[StoredAvatar]:
    """Returns all avatars of the workspace, the newest first."""
    return [_avatar(row) for row in await connection.fetch(SQL["list"], workspace)]


async def find(connection: Connection, workspace: str, ids: Collection[str]) -> dict[str, StoredAvatar]:
    """Returns the avatars that exist, by id."""
    if not ids:
        return {}
    rows = await connection.fetch(SQL["find"], workspace, sorted(ids))
    return {row["id"]: _avatar(row) for row in rows}


class ImageDeleted(Exception):
    """The image of an avatar was deleted before the avatar was stored."""


async def insert(connection: Connection, avatar: StoredAvatar) -> bool:
    """Stores the avatar. Returns False if the workspace has the maximum number already.

    Raises ImageDeleted if its image is not there any more.
    """
    arguments = (
        avatar.id,
        avatar.workspace_id,
        avatar.name,
        avatar.image,
        avatar.face,
        avatar.landmarks,
        avatar.created_at,
        MAX_AVATARS,
    )
    try:
        return await connection.fetchval(SQL["insert"], *arguments) is not None
    except asyncpg.ForeignKeyViolationError as exc:
        raise ImageDeleted from exc


async def delete(connection: Connection, workspace: str, avatar_id: str) -> bool:
    """Deletes the avatar. Returns False if there is none."""
    return await connection.fetchval(SQL["delete"], workspace, avatar_id) is not None


def _avatar(row: Record) -> StoredAvatar:
    return StoredAvatar(
        row["id"],
        row["workspace_id"],
        row["name"],
        row["image"],
        row["face"],
        row["landmarks"],
        row["created_at"],
    )
