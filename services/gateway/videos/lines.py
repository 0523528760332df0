"""The lines of ready stages before each engine, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.gateway.database import Connection
from services.gateway.sql import load_queries
from services.gateway.videos import repository
from services.gateway.videos.admission import EngineKey, EngineLoad
from services.gateway.videos.records import Priority
from services.gateway.videos.repository import KnownKey
from services.gateway.videos.stage_events import KnownResult
from services.gateway.videos.turns import Waiting

SQL = load_queries("services.gateway.videos", "lines.sql")


@dataclass(frozen=True, slots=True)
class Line:
    """The ready stages of one workspace and priority before one engine."""

    engine: EngineKey
    workspace_id: str
    priority: Priority


async def engine_loads(
    connection: Connection,
    engines: Iterable[EngineKey],
    workers_since: datetime,
    but_for: Collection[str] = (),
) -> dict[EngineKey, EngineLoad]:
    """As committed, without what this transaction has not written yet. The stages with the ids `but_for`
    make no backlog."""
    wanted = sorted(set(engines))
    if not wanted:
        return {}
    services, names = zip(*wanted, strict=True)
    rows = await connection.fetch(
        SQL["engine_loads"], list(services), list(names), workers_since, list(but_for)
    )
    _, bounds = await workspace_shares(connection, {each for row in rows for each in row["in_flight"]})
    return {
        (row["service"], row["engine"]): EngineLoad(row["slots"], row["in_flight"], bounds, row["backlog"])
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class CommittedTables:
    """See `Tables`."""

    connection: Connection
    workers_since: datetime

    async def find_known(self, keys: Sequence[KnownKey]) -> dict[KnownKey, KnownResult]:
        return await repository.find_known(self.connection, keys)

    async def find_in_flight(self, keys: Sequence[KnownKey]) -> dict[KnownKey, set[str]]:
        return await repository.find_in_flight(self.connection, keys)

    async def engine_loads(
        self, engines: Iterable[EngineKey], but_for: Collection[str]
    ) -> dict[EngineKey, EngineLoad]:
        return await engine_loads(self.connection, engines, self.workers_since, but_for)


async def workspace_shares(
    connection: Connection, workspaces: Iterable[str]
) -> tuple[dict[str, float], dict[str, int]]:
    """Weights other than one, and bounds, by workspace."""
    rows = await connection.fetch(SQL["workspace_shares"], sorted(workspaces))
    weights = {row["id"]: float(row["weight"]) for row in rows}
    return weights, {row["id"]: row["max_in_flight"] for row in rows if row["max_in_flight"] is not None}


async def waiting_lines(connection: Connection) -> list[Line]:
    rows = await connection.fetch(SQL["waiting_lines"])
    return [
        Line((row["service"], row["engine"]), row["workspace_id"], Priority(row["priority"])) for row in rows
    ]


async def heads_of_lines(
    connection: Connection, lines: Sequence[Line], rooms: Mapping[EngineKey, int]
) -> dict[EngineKey, list[Waiting]]:
    """The first of each line, as many as its engine has room for. One whose result is being made by
    another stage of its workspace stays out."""
    rows = await connection.fetch(
        SQL["heads_of_lines"],
        [line.engine[0] for line in lines],
        [line.engine[1] for line in lines],
        [line.workspace_id for line in lines],
        [int(line.priority) for line in lines],
        [rooms[line.engine] for line in lines],
    )
    heads: dict[EngineKey, list[Waiting]] = {}
    for row in rows:
        waiting = Waiting(row["id"], row["video_id"], row["workspace_id"], Priority(row["priority"]))
        heads.setdefault((row["service"], row["engine"]), []).append(waiting)
    return heads
