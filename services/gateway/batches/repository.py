"""Stores batches in PostgreSQL; their progress is computed from their jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.gateway.db.pool import Connection, Record
from services.gateway.db.sql import load_queries
from services.gateway.http.errors import not_found

SQL = load_queries("services.gateway.batches")


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch to be stored. `total` counts its lines."""

    id: str
    workspace_id: str
    total: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with its counts. `total` counts its lines; the other counts are of its jobs that were not
    deleted, and `progress` is the sum of theirs, in percent."""

    id: str
    total: int
    created_at: datetime
    cancelled_at: datetime | None
    queued: int
    in_progress: int
    completed: int
    failed: int
    cancelled: int
    progress: int
    last_completed_at: datetime | None
    saved_seconds: float

    @property
    def jobs(self) -> int:
        return self.queued + self.in_progress + self.completed + self.failed + self.cancelled

    @property
    def ended(self) -> bool:
        return not self.queued + self.in_progress


async def insert(connection: Connection, batch: NewBatch) -> None:
    await connection.execute(SQL["insert_batch"], batch.id, batch.workspace_id, batch.total, batch.created_at)


async def find(connection: Connection, workspace_id: str, batch_id: str) -> Batch | None:
    found = await _select(connection, workspace_id, [batch_id])
    return found[0] if found else None


async def get(connection: Connection, workspace_id: str, batch_id: str) -> Batch:
    """Returns the batch. Raises a 404 if there is none."""
    found = await find(connection, workspace_id, batch_id)
    if found is None:
        raise not_found("batch", batch_id)
    return found


async def page(connection: Connection, workspace_id: str, after: str | None, limit: int) -> list[Batch]:
    """Returns batches, the newest first, from the first or after the batch `after`; an empty list if that is
    not of this workspace."""
    moment: datetime | None = None
    if after is not None:
        moment = await connection.fetchval(SQL["created_at"], workspace_id, after)
        if moment is None:
            return []
    rows = await connection.fetch(SQL["list_batches"], workspace_id, moment, after, limit)
    return await _select(connection, workspace_id, [row["id"] for row in rows])


async def begin_cancel(connection: Connection, workspace_id: str, batch_id: str, now: datetime) -> list[str]:
    """Marks the batch as cancelled unless it has ended. Returns the ids of its jobs that have not ended."""
    await connection.execute(SQL["cancel_batch"], workspace_id, batch_id, now)
    return [row["id"] for row in await connection.fetch(SQL["open_jobs"], workspace_id, batch_id)]


async def _select(connection: Connection, workspace_id: str, ids: Sequence[str]) -> list[Batch]:
    rows = await connection.fetch(SQL["select_batches"], workspace_id, ids) if ids else []
    return [_batch(row) for row in rows]


def _batch(row: Record) -> Batch:
    return Batch(**row)
