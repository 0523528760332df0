"""Stores assets and presigned uploads in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.storage import Artifact
from services.gateway.assets.media import ProbedMedia
from services.gateway.db.pool import Connection, Record
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.assets")


@dataclass(frozen=True, slots=True)
class Asset:
    id: str
    workspace_id: str
    filename: str
    artifact: Artifact
    media: ProbedMedia
    created_at: datetime


async def insert(connection: Connection, asset: Asset) -> None:
    await connection.execute(
        SQL["insert_asset"],
        asset.id,
        asset.workspace_id,
        asset.media.kind,
        asset.filename,
        asset.artifact.key,
        asset.artifact.sha256,
        asset.artifact.media_type,
        asset.artifact.size_bytes,
        asset.media.width,
        asset.media.height,
        asset.media.duration_seconds,
        asset.created_at,
    )


async def find(connection: Connection, workspace_id: str, ids: Sequence[str]) -> dict[str, Asset]:
    """Returns the assets that exist, by id."""
    rows = await connection.fetch(SQL["select_assets"], workspace_id, list(ids))
    return {row["id"]: _asset(row) for row in rows}


async def page(connection: Connection, workspace_id: str, after: str | None, limit: int) -> list[Asset]:
    """Returns assets, the newest first, from the first or after the asset `after`."""
    return [_asset(row) for row in await connection.fetch(SQL["list_assets"], workspace_id, after, limit)]


async def delete(connection: Connection, workspace_id: str, asset_id: str) -> str | None:
    """Deletes the asset. Returns its object key; `None` if there is no such asset."""
    return await connection.fetchval(SQL["delete_asset"], workspace_id, asset_id)


@dataclass(frozen=True, slots=True)
class Upload:
    """A presigned upload that waits for its file."""

    id: str
    workspace_id: str
    key: str
    filename: str
    created_at: datetime


async def insert_upload(connection: Connection, upload: Upload, most: int) -> bool:
    """Stores the upload. Returns False, and stores nothing, if the workspace has `most` open ones."""
    stored = await connection.fetchval(
        SQL["insert_upload"],
        upload.id,
        upload.workspace_id,
        upload.key,
        upload.filename,
        upload.created_at,
        most,
    )
    return stored is not None


async def find_upload(connection: Connection, workspace_id: str, upload_id: str) -> tuple[str, str] | None:
    """Returns the object key and the filename; `None` if there is no such upload, or it is completed."""
    row = await connection.fetchrow(SQL["select_upload"], workspace_id, upload_id)
    return (row["object_key"], row["filename"]) if row else None


async def complete_upload(connection: Connection, workspace_id: str, upload_id: str, now: datetime) -> bool:
    """Marks the upload as completed. Returns False if it is already.

    The garbage collector deletes what is sent to its URL later.
    """
    return await connection.fetchval(SQL["complete_upload"], workspace_id, upload_id, now) is not None


def _asset(row: Record) -> Asset:
    return Asset(
        id=row["id"],
        workspace_id=row["workspace_id"],
        filename=row["filename"],
        artifact=Artifact(row["object_key"], row["sha256"], row["media_type"], row["size_bytes"]),
        media=ProbedMedia(
            row["kind"], row["media_type"], row["width"], row["height"], row["duration_seconds"]
        ),
        created_at=row["created_at"],
    )
