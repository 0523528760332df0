"""What the tables know of other jobs, brought to the decisions about these: known results, and room."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.job_update import Decision
from services.gateway.jobs.domain.models import Stage, StageState
from services.gateway.jobs.scheduling.admission import EngineKey, EngineLoad, admitted, engine_of
from services.gateway.jobs.views.queue_snapshot import KnownKey


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is committed about action keys: results of completed stages, and ids of those in flight."""

    known: Mapping[KnownKey, KnownResult]
    in_flight: Mapping[KnownKey, Collection[str]]


class Tables(Protocol):
    """What is committed, as the settling transaction sees it."""

    async def look_up(self, keys: Sequence[KnownKey]) -> Lookup: ...

    async def engine_loads(
        self, engines: Iterable[EngineKey], but_for: Collection[str]
    ) -> Mapping[EngineKey, EngineLoad]:
        """The stages with the ids `but_for`, of those that are ready, make no backlog."""
        ...


class Trust(Protocol):
    def trusts(self, known: KnownResult) -> bool:
        """Whether its artifacts were seen in the store of late."""
        ...


@dataclass(slots=True)
class Settlement:
    """Brings decisions to their end, in the transaction that will write them."""

    tables: Tables
    decisions: Sequence[Decision]
    check: Trust
    chosen: frozenset[str] = frozenset()
    """Ids of the stages to which the scheduler has given a turn."""
    doubtful: dict[KnownKey, KnownResult] = field(default_factory=dict[KnownKey, KnownResult])
    """Known results whose artifacts must be looked for before they are reused."""
    open: dict[EngineKey, EngineLoad] = field(default_factory=dict[EngineKey, EngineLoad])
    """Engines that have room for others that wait: the lines decide whose turn it is."""
    _taken: set[KnownKey] = field(default_factory=set[KnownKey])

    async def settle(self) -> None:
        await self._reuse()
        for decision in self.decisions:
            decision.conclude()
        await self._admit(self._candidates())

    async def _reuse(self) -> None:
        known: defaultdict[str, dict[str, KnownResult]] = defaultdict(dict)
        asked: set[KnownKey] = set()
        here = {stage.id for decision in self.decisions for stage in decision.stages}
        while True:
            for decision in self.decisions:
                decision.settle(known[decision.video.workspace_id])
            keys = {key_of(stage) for stage in self._ready() if not stage.no_cache} - asked
            if not keys:
                return
            asked |= keys
            found = await self.tables.look_up(sorted(keys))
            self._taken |= {key for key, ids in found.in_flight.items() if set(ids) - here}
            for key, result in found.known.items():
                if self.check.trusts(result):
                    known[key[0]][key[1]] = result
                else:
                    self.doubtful[key] = result
            if not found.known:
                return

    def waiting(self) -> list[Stage]:
        """What could go to its engine, but was not admitted."""
        return [stage for _, stage in self._candidates()]

    def _ready(self) -> Iterable[Stage]:
        return (stage for decision in self.decisions for stage in decision.ready())

    def _candidates(self) -> list[tuple[Decision, Stage]]:
        """Ready stages, but none whose result may be known, or is being made by another stage."""
        taken = self._taken | {
            key_of(stage)
            for decision in self.decisions
            for stage in decision.stages
            if stage.state is StageState.QUEUED or stage.state is StageState.RUNNING
        }
        candidates: list[tuple[Decision, Stage]] = []
        for decision in self.decisions:
            for stage in decision.ready():
                key = key_of(stage)
                if stage.no_cache or (key not in taken and key not in self.doubtful):
                    candidates.append((decision, stage))
                    taken.add(key)
        return candidates

    async def _admit(self, candidates: Sequence[tuple[Decision, Stage]]) -> None:
        by_engine: defaultdict[EngineKey, list[tuple[Decision, Stage]]] = defaultdict(list)
        for decision, stage in candidates:
            by_engine[engine_of(stage)].append((decision, stage))
        flights = flights_of(self.decisions)
        own = [each.id for decision in self.decisions for each in decision.ready() if decision.waited(each)]
        loads = await self.tables.engine_loads(by_engine.keys() | flights.keys(), own)
        for engine, committed in loads.items():
            load = committed.changed(flights.get(engine, ()))
            waiting = [stage for _, stage in by_engine[engine]]
            turns = {stage.id for stage in admitted(waiting, load)} | self.chosen
            for decision, stage in by_engine[engine]:
                if stage.id in turns:
                    decision.admit(stage)
            load = load.changed([(stage.workspace_id, 1) for stage in waiting if stage.id in turns])
            if load.runs_low and (load.backlog or any(stage.id not in turns for stage in waiting)):
                self.open[engine] = load


def flights_of(decisions: Iterable[Decision]) -> dict[EngineKey, list[tuple[str, int]]]:
    """By engine: for each stage that has come into flight or has left it the workspace, and 1 or -1."""
    flights: defaultdict[EngineKey, list[tuple[str, int]]] = defaultdict(list)
    for decision in decisions:
        for stage in decision.changed.values():
            before = decision.earlier.get(stage.id)
            change = stage.state.in_flight - (before is not None and before.state.in_flight)
            if change:
                flights[engine_of(stage)].append((stage.workspace_id, change))
    return flights


def key_of(stage: Stage) -> KnownKey:
    return stage.workspace_id, stage.action_key or ""
