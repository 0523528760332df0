"""Dead letters in PostgreSQL: stages that have failed as often as they may, for reasons that may pass."""

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
    """The newest first; none after an id that is no dead letter of the workspace."""
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


async def redriven(connection: Connection, video_ids: Sequence[str]) -> dict[str, str]:
    """The ids of the videos that do these again."""
    rows = await connection.fetch(SQL["redriven"], video_ids)
    return {row["redriven_from"]: row["id"] for row in rows}


async def newest_redrive(connection: Connection, workspace_id: str, video_id: str) -> str | None:
    """The last of those that do the video again, or again one that has done so; itself if there is none."""
    return await connection.fetchval(SQL["newest_redrive"], workspace_id, video_id)


async def lock_unredriven(connection: Connection, video_id: str) -> bool:
    """Lock the video until the transaction ends. False if it is gone, or is done again already."""
    locked = await connection.fetchval(SQL["lock_video"], video_id)
    return locked is not None and not await redriven(connection, [video_id])
