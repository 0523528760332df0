"""The engines and the lines before them, as PostgreSQL knows them right now."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.models import Stage
from services.gateway.jobs.views.queue_snapshot import LINE_LIMIT, EngineKey, EngineSituation, Place

SQL = load_queries("services.gateway.jobs.views", "snapshot.sql")


async def engine_situations(
    connection: Connection, engines: Iterable[EngineKey], workers_since: datetime
) -> dict[EngineKey, EngineSituation]:
    services, names = _columns(engines)
    rows = await connection.fetch(SQL["engine_situations"], services, names, workers_since, LINE_LIMIT)
    return {
        (row["service"], row["engine"]): EngineSituation(
            workers=frozenset(row["workers"]),
            slots=row["slots"],
            running=row["running"],
            queued=tuple(row["queued"]),
            ready=row["ready"],
            run_seconds=row["run_seconds"],
        )
        for row in rows
    }


async def find_places(connection: Connection, ready: Sequence[Stage]) -> dict[tuple[EngineKey, str], Place]:
    """Where these ready stages of one workspace stand, by engine and video id; none beyond `LINE_LIMIT`."""
    if not ready:
        return {}
    services, names = _columns({(stage.service, stage.engine) for stage in ready})
    videos = list({stage.video_id for stage in ready})
    workspace_id = ready[0].workspace_id
    rows = await connection.fetch(SQL["find_places"], services, names, workspace_id, LINE_LIMIT, videos)
    return {
        ((row["service"], row["engine"]), row["video_id"]): Place(row["before"], row["whole"]) for row in rows
    }


def _columns(engines: Iterable[EngineKey]) -> tuple[list[str], list[str]]:
    wanted = sorted(set(engines))
    return [service for service, _ in wanted], [engine for _, engine in wanted]
