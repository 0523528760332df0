"""The lines of ready stages before each engine, in PostgreSQL."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter

from services.gateway.db.pool import Connection, Record
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.models import Priority, Stage
from services.gateway.jobs.scheduling.admission import EngineKey, EngineLoad, engine_of
from services.gateway.jobs.scheduling.cross_job import Lookup, Settlement, flights_of
from services.gateway.jobs.scheduling.round_robin import Rota, Waiting
from services.gateway.jobs.store.row_mapping import artifacts_from_json, checks_from_json
from services.gateway.jobs.views.queue_snapshot import KnownKey

SQL = load_queries("services.gateway.jobs.store", "ready_queue.sql")
FULL_SECONDS = 0.1
"""An engine that seems full is looked at again so soon: another gateway may have taken what it has done."""
Rank = tuple[datetime, str, int, str]
"""In a line: when the video was asked for, the video, the stage's number in it, and the stage."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """The ready stages of one workspace and priority before one engine."""

    engine: EngineKey
    workspace_id: str
    priority: Priority


class LoadBook:
    """What each engine has in flight, kept in memory: what this gateway does is counted at once, what others
    do is read again when the memory is old, or says that there is no room."""

    def __init__(self, *, fresh_seconds: float) -> None:
        self._fresh = fresh_seconds
        self._loads: dict[EngineKey, tuple[EngineLoad, float]] = {}

    async def loads(
        self,
        connection: Connection,
        engines: Iterable[EngineKey],
        workers_since: datetime,
        but_for: Collection[str] = (),
    ) -> dict[EngineKey, EngineLoad]:
        wanted = set(engines)
        stale = {engine for engine in wanted if self._is_stale(engine)}
        if stale:
            read = await read_loads(connection, stale, workers_since, but_for)
            self._loads |= {engine: (load, time.monotonic()) for engine, load in read.items()}
        return {engine: self._loads[engine][0] for engine in wanted}

    def count(self, flights: Mapping[EngineKey, Iterable[tuple[str, int]]]) -> None:
        """So many stages more, or less, in flight for each workspace: it is committed."""
        for engine, changes in flights.items():
            if engine in self._loads:
                load, read_at = self._loads[engine]
                self._loads[engine] = (load.changed(changes), read_at)

    def mark(self, engines: Iterable[EngineKey], *, backlog: bool) -> None:
        """Whether stages wait for these engines."""
        for engine in engines:
            if engine in self._loads:
                load, read_at = self._loads[engine]
                self._loads[engine] = (load.with_backlog(backlog), read_at)

    def forget(self) -> None:
        """A transaction has failed, or may have."""
        self._loads.clear()

    def _is_stale(self, engine: EngineKey) -> bool:
        if engine not in self._loads:
            return True
        load, read_at = self._loads[engine]
        age = time.monotonic() - read_at
        return age >= self._fresh or (load.room == 0 and age >= FULL_SECONDS)


async def read_loads(
    connection: Connection,
    engines: Collection[EngineKey],
    workers_since: datetime,
    but_for: Collection[str] = (),
) -> dict[EngineKey, EngineLoad]:
    """As committed. The stages with the ids `but_for` make no backlog."""
    services, names = zip(*sorted(engines), strict=True)
    rows = await connection.fetch(
        SQL["engine_loads"], list(services), list(names), workers_since, list(but_for)
    )
    return {
        (row["service"], row["engine"]): EngineLoad(
            row["slots"], row["in_flight"], row["bounds"], row["backlog"]
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class CommittedTables:
    """See `Tables`."""

    connection: Connection
    book: LoadBook
    workers_since: datetime

    async def look_up(self, keys: Sequence[KnownKey]) -> Lookup:
        rows = await self.connection.fetch(
            SQL["look_up"], [workspace for workspace, _ in keys], [key for _, key in keys]
        )
        known = {key_in(row): known_from_row(row) for row in rows if row["state"] == "completed"}
        in_flight: dict[KnownKey, set[str]] = {}
        for row in rows:
            if row["state"] != "completed":
                in_flight.setdefault(key_in(row), set()).add(row["id"])
        return Lookup(known, in_flight)

    async def engine_loads(
        self, engines: Iterable[EngineKey], but_for: Collection[str]
    ) -> dict[EngineKey, EngineLoad]:
        return await self.book.loads(self.connection, engines, self.workers_since, but_for)


def key_in(row: Record) -> KnownKey:
    return row["workspace_id"], row["action_key"]


def known_from_row(row: Record) -> KnownResult:
    return KnownResult(
        artifacts_from_json(row["outputs"]),
        row["media_seconds"],
        float(row["run_seconds"] or 0),
        checks_from_json(row["checks"]),
    )


async def billed_elsewhere(
    connection: Connection, keys: Sequence[KnownKey], stage_ids: Collection[str]
) -> set[KnownKey]:
    """Those of the keys that another stage than these has been billed for."""
    rows = await connection.fetch(
        SQL["billed_elsewhere"],
        [workspace for workspace, _ in keys],
        [key for _, key in keys],
        list(stage_ids),
    )
    return {key_in(row) for row in rows}


async def workspace_shares(
    connection: Connection, workspaces: Iterable[str]
) -> tuple[dict[str, float], dict[str, int]]:
    """Weights other than one, and bounds, by workspace."""
    rows = await connection.fetch(SQL["workspace_shares"], sorted(workspaces))
    weights = {row["id"]: float(row["weight"]) for row in rows}
    return weights, {row["id"]: row["max_in_flight"] for row in rows if row["max_in_flight"] is not None}


async def waiting_lines(connection: Connection) -> list[Line]:
    """One for each workspace and priority that waits for an engine."""
    rows = await connection.fetch(SQL["waiting_lines"])
    return [
        Line((row["service"], row["engine"]), row["workspace_id"], Priority(row["priority"])) for row in rows
    ]


async def heads_of_lines(
    connection: Connection, lines: Sequence[Line], rooms: Mapping[EngineKey, int]
) -> dict[Rank, tuple[EngineKey, Waiting]]:
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
    heads: dict[Rank, tuple[EngineKey, Waiting]] = {}
    for row in rows:
        waiting = Waiting(row["id"], row["video_id"], row["workspace_id"], Priority(row["priority"]))
        rank = row["submitted_at"], row["video_id"], row["ordinal"], row["id"]
        heads[rank] = (row["service"], row["engine"]), waiting
    return heads


def ranked(stages: Iterable[Stage]) -> dict[Rank, tuple[EngineKey, Waiting]]:
    """Where stages belong in the lines that are not in them yet."""
    return {
        (stage.submitted_at or LONG_AGO, stage.video_id, stage.ordinal, stage.id): (
            engine_of(stage),
            Waiting(stage.id, stage.video_id, stage.workspace_id, stage.priority),
        )
        for stage in stages
    }


class Turns:
    """Whose turn it is next, over all engines."""

    def __init__(self) -> None:
        self._rotas: defaultdict[EngineKey, Rota] = defaultdict(Rota)

    def note(self, stages: Iterable[Stage]) -> None:
        """These have had theirs while nobody waited."""
        for stage in stages:
            self._rotas[engine_of(stage)].note(stage.workspace_id)

    async def next(
        self, tables: CommittedTables, settlement: Settlement, *, everywhere: bool
    ) -> dict[str, str]:
        """Video ids by the id of the stage whose turn it is: for the engines that the settlement has found
        open, or for all. What the settlement itself leaves waiting stands in line with the others."""
        lines = await waiting_lines(tables.connection)
        tables.book.mark(settlement.open.keys() - {line.engine for line in lines}, backlog=False)
        own = ranked(settlement.waiting())
        engines = {line.engine for line in lines} | {engine for engine, _ in own.values()}
        if not everywhere:
            engines &= settlement.open.keys()
        loads = await self._loads(tables, settlement, engines)
        rooms = {engine: load.room for engine, load in loads.items() if load.room}
        lines = [line for line in lines if line.engine in rooms]
        heads = own | (await heads_of_lines(tables.connection, lines, rooms) if lines else {})
        candidates: defaultdict[EngineKey, list[Waiting]] = defaultdict(list)
        for _, (engine, waiting) in sorted(heads.items(), key=itemgetter(0)):
            candidates[engine].append(waiting)
        workspaces = {waiting.workspace_id for _, waiting in heads.values()}
        weights, bounds = await workspace_shares(tables.connection, workspaces) if heads else ({}, {})
        turns = [
            turn
            for engine, waiting in candidates.items()
            if engine in rooms
            for turn in self._rotas[engine].next(waiting, loads[engine].bounded(bounds), weights)
        ]
        return {turn.stage_id: turn.video_id for turn in turns}

    async def _loads(
        self, tables: CommittedTables, settlement: Settlement, engines: Collection[EngineKey]
    ) -> dict[EngineKey, EngineLoad]:
        flights = flights_of(settlement.decisions)
        committed = await tables.engine_loads(engines, ())
        return {engine: load.changed(flights.get(engine, ())) for engine, load in committed.items()}
