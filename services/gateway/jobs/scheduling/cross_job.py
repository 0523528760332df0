"""Resolves the cross-job parts of a batch: reuse of cached results and admission to engine queues."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.job_update import JobUpdate
from services.gateway.jobs.domain.models import CacheUse, EngineKey, KnownKey, Stage, StageState
from services.gateway.jobs.scheduling.admission import EngineLoad, admitted, engine_of


@dataclass(frozen=True, slots=True)
class Lookup:
    """Committed state of action keys: results of completed stages, and ids of stages in flight."""

    known: Mapping[KnownKey, KnownResult]
    in_flight: Mapping[KnownKey, Collection[str]]


class Tables(Protocol):
    """The committed tables, as the transaction that will write the updates sees them."""

    async def look_up(self, keys: Sequence[KnownKey]) -> Lookup: ...

    async def engine_loads(
        self, engines: Iterable[EngineKey], exclude: Collection[str]
    ) -> Mapping[EngineKey, EngineLoad]:
        """Returns the load of each engine. Stages in `exclude` are not counted as backlog."""
        ...


class TrustedResults(Protocol):
    """Tells which cached results may be reused without a look at the store."""

    def trusts(self, known: KnownResult) -> bool:
        """Tells whether the result's artifacts were seen in the store recently."""
        ...


@dataclass(slots=True)
class CrossJobUpdates:
    """Completes the updates of a batch, in the transaction that will write them."""

    tables: Tables
    updates: Sequence[JobUpdate]
    check: TrustedResults
    chosen: frozenset[str] = frozenset()
    """Ids of the stages that the scheduler has chosen: they are admitted whatever else waits."""
    doubtful: dict[KnownKey, KnownResult] = field(default_factory=dict[KnownKey, KnownResult])
    """Known results whose artifacts must be looked for in the store before they are reused."""
    open: dict[EngineKey, EngineLoad] = field(default_factory=dict[EngineKey, EngineLoad])
    """Engines with room left for which other stages wait: the scheduler decides who gets it."""
    _taken: set[KnownKey] = field(default_factory=set[KnownKey])

    async def resolve(self) -> None:
        """Reuses known results, updates every job's status, and admits what engines have room for."""
        await self._reuse()
        for update in self.updates:
            update.update_status()
        await self._admit(self._candidates())

    async def _reuse(self) -> None:
        known: defaultdict[str, dict[str, KnownResult]] = defaultdict(dict)
        for stage in self._just_completed():
            known[stage.workspace_id][stage.action_key or ""] = result_of(stage)
        looked_up: set[KnownKey] = set()
        here = {stage.id for update in self.updates for stage in update.stages}
        while True:
            for update in self.updates:
                update.reuse_results(known[update.record.workspace_id])
            keys = {key_of(stage) for stage in self._ready() if not stage.no_cache} - looked_up
            if not keys:
                return
            looked_up |= keys
            found = await self.tables.look_up(sorted(keys))
            self._taken |= {key for key, ids in found.in_flight.items() if set(ids) - here}
            for key, result in found.known.items():
                if self.check.trusts(result):
                    known[key[0]][key[1]] = result
                else:
                    self.doubtful[key] = result
            if not found.known:
                return

    def _just_completed(self) -> Iterable[Stage]:
        """Yields the stages whose results are not in the tables yet: equal stages need not run."""
        for update in self.updates:
            for stage in update.changed.values():
                if stage.state is StageState.COMPLETED and stage.action_key is not None:
                    yield stage

    def waiting(self) -> list[Stage]:
        """Returns the stages that could run but were not admitted."""
        return [stage for _, stage in self._candidates()]

    def _ready(self) -> Iterable[Stage]:
        return (stage for update in self.updates for stage in update.ready())

    def _candidates(self) -> list[tuple[JobUpdate, Stage]]:
        """Returns ready stages, leaving out those whose result may be known or is being made elsewhere."""
        taken = self._taken | {
            key_of(stage)
            for update in self.updates
            for stage in update.stages
            if stage.state is StageState.QUEUED or stage.state is StageState.RUNNING
        }
        candidates: list[tuple[JobUpdate, Stage]] = []
        for update in self.updates:
            for stage in update.ready():
                key = key_of(stage)
                if stage.no_cache or (key not in taken and key not in self.doubtful):
                    candidates.append((update, stage))
                    taken.add(key)
        return candidates

    async def _admit(self, candidates: Sequence[tuple[JobUpdate, Stage]]) -> None:
        by_engine: defaultdict[EngineKey, list[tuple[JobUpdate, Stage]]] = defaultdict(list)
        for update, stage in candidates:
            by_engine[engine_of(stage)].append((update, stage))
        flights = flights_of(self.updates)
        own = [each.id for update in self.updates for each in update.ready() if update.was_ready(each)]
        loads = await self.tables.engine_loads(by_engine.keys() | flights.keys(), own)
        for engine, committed in loads.items():
            load = committed.changed(flights.get(engine, ()))
            waiting = [stage for _, stage in by_engine[engine]]
            chosen = [stage for stage in waiting if stage.id in self.chosen]
            load = load.changed([(stage.workspace_id, 1) for stage in chosen])
            others = admitted([stage for stage in waiting if stage.id not in self.chosen], load)
            load = load.changed([(stage.workspace_id, 1) for stage in others])
            turns = {stage.id for stage in (*chosen, *others)}
            for update, stage in by_engine[engine]:
                if stage.id in turns:
                    update.admit(stage)
            if load.runs_low and (load.backlog or any(stage.id not in turns for stage in waiting)):
                self.open[engine] = load


def flights_of(updates: Iterable[JobUpdate]) -> dict[EngineKey, list[tuple[str, int]]]:
    """Returns, by engine, the workspace of each stage that has come into flight (1) or has left it (-1)."""
    flights: defaultdict[EngineKey, list[tuple[str, int]]] = defaultdict(list)
    for update in updates:
        for stage in update.changed.values():
            before = update.earlier.get(stage.id)
            change = stage.state.in_flight - (before is not None and before.state.in_flight)
            if change:
                flights[engine_of(stage)].append((stage.workspace_id, change))
    return flights


def result_of(stage: Stage) -> KnownResult:
    """Returns the result of a completed stage, for others with the same action key."""
    run_seconds = stage.saved_seconds
    if stage.cache is not CacheUse.HIT and stage.started_at and stage.completed_at:
        run_seconds = (stage.completed_at - stage.started_at).total_seconds()
    return KnownResult(stage.outputs, stage.media_seconds, run_seconds, stage.checks)


def key_of(stage: Stage) -> KnownKey:
    return stage.workspace_id, stage.action_key or ""
