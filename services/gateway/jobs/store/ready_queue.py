"""Ready stages, engine loads and cached results in PostgreSQL, for the scheduler."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from services.gateway.db.pool import Connection, Record
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.models import EngineKey, KnownKey, Priority
from services.gateway.jobs.scheduling.admission import EngineLoad
from services.gateway.jobs.scheduling.cross_job import Lookup
from services.gateway.jobs.scheduling.engine_load import EngineLoadCache
from services.gateway.jobs.scheduling.round_robin import ReadyStage
from services.gateway.jobs.scheduling.scheduler import QueueKey, Rank
from services.gateway.jobs.store.row_mapping import artifacts_from_json, checks_from_json

SQL = load_queries("services.gateway.jobs.store", "ready_queue.sql")


@dataclass(frozen=True, slots=True)
class CommittedTables:
    """Implements `Tables` and `ReadyQueue` on the connection of one transaction.

    Workers that have announced themselves since `workers_since` count as live.
    """

    connection: Connection
    cache: EngineLoadCache
    workers_since: datetime

    async def look_up(self, keys: Sequence[KnownKey]) -> Lookup:
        return await look_up(self.connection, keys)

    async def engine_loads(
        self, engines: Iterable[EngineKey], exclude: Collection[str]
    ) -> dict[EngineKey, EngineLoad]:
        read = partial(read_loads, self.connection, workers_since=self.workers_since, exclude=exclude)
        return await self.cache.loads(engines, read)

    async def queues(self) -> list[QueueKey]:
        rows = await self.connection.fetch(SQL["ready_queues"])
        return [
            QueueKey((row["service"], row["engine"]), row["workspace_id"], Priority(row["priority"]))
            for row in rows
        ]

    async def heads(
        self, queues: Sequence[QueueKey], rooms: Mapping[EngineKey, int]
    ) -> dict[Rank, tuple[EngineKey, ReadyStage]]:
        rows = await self.connection.fetch(
            SQL["heads_of_queues"],
            [key.engine[0] for key in queues],
            [key.engine[1] for key in queues],
            [key.workspace_id for key in queues],
            [int(key.priority) for key in queues],
            [rooms[key.engine] for key in queues],
        )
        heads: dict[Rank, tuple[EngineKey, ReadyStage]] = {}
        for row in rows:
            ready = ReadyStage(row["id"], row["job_id"], row["workspace_id"], Priority(row["priority"]))
            rank = row["turn_at"], row["job_id"], row["ordinal"], row["id"]
            heads[rank] = (row["service"], row["engine"]), ready
        return heads

    async def shares(self, workspaces: Iterable[str]) -> tuple[dict[str, float], dict[str, int]]:
        ids = sorted(workspaces)
        rows = await self.connection.fetch(SQL["workspace_shares"], ids) if ids else []
        weights = {row["id"]: float(row["weight"]) for row in rows}
        return weights, {row["id"]: row["max_in_flight"] for row in rows if row["max_in_flight"] is not None}

    def mark_empty(self, engines: Iterable[EngineKey]) -> None:
        self.cache.mark(engines, backlog=False)


async def look_up(connection: Connection, keys: Sequence[KnownKey]) -> Lookup:
    """Returns the results and the stages in flight of action keys."""
    rows = await connection.fetch(SQL["look_up"], *_columns(keys))
    known = {key_in(row): known_from_row(row) for row in rows if row["state"] == "completed"}
    in_flight: dict[KnownKey, set[str]] = {}
    for row in rows:
        if row["state"] != "completed":
            in_flight.setdefault(key_in(row), set()).add(row["id"])
    return Lookup(known, in_flight)


async def read_loads(
    connection: Connection,
    engines: Collection[EngineKey],
    *,
    workers_since: datetime,
    exclude: Collection[str] = (),
) -> dict[EngineKey, EngineLoad]:
    """Returns the committed load of each engine. Stages in `exclude` are not counted as backlog."""
    rows = await connection.fetch(
        SQL["engine_loads"], *_columns(sorted(engines)), workers_since, list(exclude)
    )
    return {
        (row["service"], row["engine"]): EngineLoad(
            row["slots"], row["in_flight"], row["bounds"], row["backlog"]
        )
        for row in rows
    }


async def billed_elsewhere(
    connection: Connection, keys: Sequence[KnownKey], stage_ids: Collection[str]
) -> set[KnownKey]:
    """Returns the keys for which a stage other than these has been billed."""
    rows = await connection.fetch(SQL["billed_elsewhere"], *_columns(keys), list(stage_ids))
    return {key_in(row) for row in rows}


def key_in(row: Record) -> KnownKey:
    return row["workspace_id"], row["action_key"]


def known_from_row(row: Record) -> KnownResult:
    return KnownResult(
        artifacts_from_json(row["outputs"]),
        row["media_seconds"],
        float(row["run_seconds"] or 0),
        checks_from_json(row["checks"]),
    )


def _columns(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [first for first, _ in pairs], [second for _, second in pairs]
