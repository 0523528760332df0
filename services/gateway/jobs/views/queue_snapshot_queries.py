"""Reads the current state of engines and their queues from PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.models import EngineKey, Stage
from services.gateway.jobs.views.queue_snapshot import QUEUE_LIMIT, EngineSnapshot, QueuePosition

SQL = load_queries("services.gateway.jobs.views", "snapshot.sql")


async def engine_snapshots(
    connection: Connection, engines: Iterable[EngineKey], workers_since: datetime
) -> dict[EngineKey, EngineSnapshot]:
    """Returns the state of each engine; workers that announced themselves since `workers_since` are live."""
    services, names = _columns(engines)
    rows = await connection.fetch(SQL["engine_snapshots"], services, names, workers_since, QUEUE_LIMIT)
    return {
        (row["service"], row["engine"]): EngineSnapshot(
            workers=frozenset(row["workers"]),
            running=row["running"],
            queued=tuple(row["queued"]),
            ready=row["ready"],
        )
        for row in rows
    }


async def find_queue_positions(
    connection: Connection, ready: Sequence[Stage]
) -> dict[tuple[EngineKey, str], QueuePosition]:
    """Returns the positions of ready stages of one workspace, by engine and job id.

    Jobs beyond `QUEUE_LIMIT` are left out.
    """
    if not ready:
        return {}
    services, names = _columns({(stage.service, stage.engine) for stage in ready})
    jobs = list({stage.job_id for stage in ready})
    workspace_id = ready[0].workspace_id
    rows = await connection.fetch(
        SQL["find_queue_positions"], services, names, workspace_id, QUEUE_LIMIT, jobs
    )
    return {
        ((row["service"], row["engine"]), row["job_id"]): QueuePosition(
            before=row["before"], total=row["whole"]
        )
        for row in rows
    }


def _columns(engines: Iterable[EngineKey]) -> tuple[list[str], list[str]]:
    wanted = sorted(set(engines))
    return [service for service, _ in wanted], [engine for _, engine in wanted]
