"""Reads dead letters from PostgreSQL: stages that have used up their attempts, for a reason that may pass."""

from collections.abc import Sequence
from datetime import datetime

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.models import Stage
from services.gateway.jobs.domain.retry import BACKOFFS
from services.gateway.jobs.store.row_mapping import stage_from_row

SQL = load_queries("services.gateway.dead_letters")
REASONS = sorted(BACKOFFS)


async def page(connection: Connection, workspace_id: str, after: str | None, limit: int) -> list[Stage]:
    """Returns dead letters, the newest first, from the first or after the dead letter `after`; an empty list
    if that is not of this workspace."""
    moment: datetime | None = None
    if after is not None:
        last = await find(connection, workspace_id, after)
        if last is None:
            return []
        moment = last.completed_at
    rows = await connection.fetch(SQL["list_dead_letters"], workspace_id, REASONS, moment, after, limit)
    return [stage_from_row(row) for row in rows]


async def find(connection: Connection, workspace_id: str, stage_id: str) -> Stage | None:
    row = await connection.fetchrow(SQL["select_dead_letter"], workspace_id, stage_id, REASONS)
    return stage_from_row(row) if row else None


async def redriven(connection: Connection, job_ids: Sequence[str]) -> dict[str, str]:
    """Returns the ids of the redrives of these jobs, by the jobs' ids."""
    rows = await connection.fetch(SQL["redriven"], job_ids)
    return {row["redriven_from"]: row["id"] for row in rows}


async def newest_redrive(connection: Connection, workspace_id: str, job_id: str) -> str | None:
    """Returns the last job in the chain of redrives that begins with this one; itself if there is none."""
    return await connection.fetchval(SQL["newest_redrive"], workspace_id, job_id)


async def lock_unredriven(connection: Connection, job_id: str) -> bool:
    """Locks the job until the transaction ends. Returns False if it was deleted or redriven already."""
    locked = await connection.fetchval(SQL["lock_job"], job_id)
    return locked is not None and not await redriven(connection, [job_id])
