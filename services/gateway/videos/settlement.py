"""What the tables know of other jobs, brought to the decisions about these: known results, and room."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.gateway.videos.admission import EngineKey, EngineLoad, admitted, changed_load, engine_of
from services.gateway.videos.decision import Decision
from services.gateway.videos.records import Stage
from services.gateway.videos.repository import KnownKey
from services.gateway.videos.stage_events import KnownResult

StagesByEngine = defaultdict[EngineKey, list[Stage]]


class Tables(Protocol):
    """What is committed, as the settling transaction sees it."""

    async def find_known(self, keys: Sequence[KnownKey]) -> Mapping[KnownKey, KnownResult]:
        """Results of completed stages."""
        ...

    async def find_in_flight(self, keys: Sequence[KnownKey]) -> Mapping[KnownKey, Collection[str]]:
        """Ids of the stages that are queued or running for each key."""
        ...

    async def engine_loads(
        self, engines: Iterable[EngineKey], but_for: Collection[str]
    ) -> Mapping[EngineKey, EngineLoad]:
        """The stages with the ids `but_for` make no backlog."""
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
    backlog: bool = False
    """There is room for a stage that waits: the scheduler is to decide which one it is."""

    async def settle(self) -> None:
        await self._reuse()
        for decision in self.decisions:
            decision.conclude()
        await self._admit(await self._candidates())

    async def _reuse(self) -> None:
        known: defaultdict[str, dict[str, KnownResult]] = defaultdict(dict)
        asked: set[KnownKey] = set()
        while True:
            for decision in self.decisions:
                decision.settle(known[decision.job.video.workspace_id])
            keys = {key_of(stage) for stage in self._ready() if not stage.no_cache} - asked
            if not keys:
                return
            asked |= keys
            for key, result in (await self.tables.find_known(sorted(keys))).items():
                if self.check.trusts(result):
                    known[key[0]][key[1]] = result
                else:
                    self.doubtful[key] = result

    def _ready(self) -> Iterable[Stage]:
        return (stage for decision in self.decisions for stage in decision.ready())

    async def _candidates(self) -> list[tuple[Decision, Stage]]:
        """Ready stages, but none whose result may be known, or is being made by another stage."""
        pairs = [
            (decision, stage)
            for decision in self.decisions
            for stage in decision.ready()
            if stage.no_cache or key_of(stage) not in self.doubtful
        ]
        keys = sorted({key_of(stage) for _, stage in pairs if not stage.no_cache})
        here = {stage.id: stage for decision in self.decisions for stage in decision.job.stages}
        elsewhere = await self.tables.find_in_flight(keys)
        taken = {key for key, ids in elsewhere.items() if set(ids) - here.keys()}
        taken |= {key_of(stage) for stage in here.values() if stage.state.in_flight}
        candidates: list[tuple[Decision, Stage]] = []
        for decision, stage in pairs:
            if stage.no_cache or key_of(stage) not in taken:
                candidates.append((decision, stage))
                taken.add(key_of(stage))
        return candidates

    async def _admit(self, candidates: Sequence[tuple[Decision, Stage]]) -> None:
        by_engine: defaultdict[EngineKey, list[tuple[Decision, Stage]]] = defaultdict(list)
        for decision, stage in candidates:
            by_engine[engine_of(stage)].append((decision, stage))
        befores, afters = self._stages_by_engine()
        engines = by_engine.keys() | befores.keys()
        own = [stage.id for stage in self._ready()]
        loads = await self.tables.engine_loads(engines, own)
        for engine, load in loads.items():
            load = changed_load(load, befores[engine], afters[engine])
            waiting = [stage for _, stage in by_engine[engine]]
            turns = {stage.id for stage in admitted(waiting, load)} | self.chosen
            for decision, stage in by_engine[engine]:
                if stage.id in turns:
                    decision.admit(stage)
            left = sum(stage.id not in turns for stage in waiting)
            room = load.room - (len(waiting) - left)
            self.backlog |= room > 0 and (left > 0 or load.backlog)

    def _stages_by_engine(
        self,
    ) -> tuple[StagesByEngine, StagesByEngine]:
        """Before and after, of those that have come into flight or have left it."""
        befores: StagesByEngine = defaultdict(list)
        afters: StagesByEngine = defaultdict(list)
        for decision in self.decisions:
            old = {stage.id: stage for stage in decision.before.stages}
            for stage in decision.job.stages:
                before = old.get(stage.id, stage)
                if before.state.in_flight != stage.state.in_flight:
                    befores[engine_of(stage)].append(before)
                    afters[engine_of(stage)].append(stage)
        return befores, afters


def key_of(stage: Stage) -> KnownKey:
    return stage.workspace_id, stage.action_key or ""
