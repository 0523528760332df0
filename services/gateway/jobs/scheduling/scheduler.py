"""Chooses which ready stages get the room that engines have, fairly between workspaces."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Protocol

from services.gateway.jobs.domain.models import EngineKey, Priority, Stage
from services.gateway.jobs.scheduling.admission import EngineLoad, engine_of
from services.gateway.jobs.scheduling.cross_job import CrossJobUpdates, flights_of
from services.gateway.jobs.scheduling.round_robin import ReadyStage, WeightedRoundRobin

Rank = tuple[datetime, str, int, str]
"""Position in a queue: the job's turn, its id, the stage's ordinal, and the stage's id."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QueueKey:
    """Names the ready stages of one workspace and priority for one engine."""

    engine: EngineKey
    workspace_id: str
    priority: Priority


class ReadyQueue(Protocol):
    """The queues of ready stages, as the transaction that will admit from them sees them."""

    async def engine_loads(
        self, engines: Iterable[EngineKey], exclude: Collection[str]
    ) -> Mapping[EngineKey, EngineLoad]: ...

    async def queues(self) -> list[QueueKey]:
        """Returns every queue that is not empty."""
        ...

    async def heads(
        self, queues: Sequence[QueueKey], rooms: Mapping[EngineKey, int]
    ) -> dict[Rank, tuple[EngineKey, ReadyStage]]:
        """Returns the first stages of each queue, as many as its engine has room for, leaving out those whose
        result another stage of the workspace is making."""
        ...

    async def shares(self, workspaces: Iterable[str]) -> tuple[Mapping[str, float], Mapping[str, int]]:
        """Returns weights other than 1, and bounds on stages in flight, by workspace."""
        ...

    def mark_empty(self, engines: Iterable[EngineKey]) -> None:
        """Notes that no stages wait for these engines."""
        ...


class Scheduler:
    """Weighted round robin of every engine, kept from one call to the next."""

    def __init__(self) -> None:
        self._rotations: defaultdict[EngineKey, WeightedRoundRobin] = defaultdict(WeightedRoundRobin)

    def note(self, stages: Iterable[Stage]) -> None:
        """Counts stages that were admitted directly, while no others waited."""
        for stage in stages:
            self._rotations[engine_of(stage)].note(stage.workspace_id)

    async def next(self, queue: ReadyQueue, batch: CrossJobUpdates, *, everywhere: bool) -> dict[str, str]:
        """Returns the job ids of the chosen stages, by stage id.

        Looks at the engines that the batch has found open, or, with `everywhere`, at all. Stages that the
        batch itself leaves waiting compete with those in the tables.
        """
        keys = await queue.queues()
        queue.mark_empty(batch.open.keys() - {key.engine for key in keys})
        own = ranked(batch.waiting())
        engines = {key.engine for key in keys} | {engine for engine, _ in own.values()}
        if not everywhere:
            engines &= batch.open.keys()
        loads = await self._loads(queue, batch, engines)
        rooms = {engine: load.room for engine, load in loads.items() if load.room}
        keys = [key for key in keys if key.engine in rooms]
        heads = own | (await queue.heads(keys, rooms) if keys else {})
        candidates: defaultdict[EngineKey, list[ReadyStage]] = defaultdict(list)
        for _, (engine, ready) in sorted(heads.items(), key=itemgetter(0)):
            candidates[engine].append(ready)
        workspaces = {ready.workspace_id for _, ready in heads.values()}
        weights, bounds = await queue.shares(workspaces)
        chosen = [
            stage
            for engine, ready in candidates.items()
            if engine in rooms
            for stage in self._rotations[engine].next(ready, loads[engine].bounded(bounds), weights)
        ]
        return {stage.stage_id: stage.job_id for stage in chosen}

    async def _loads(
        self, queue: ReadyQueue, batch: CrossJobUpdates, engines: Collection[EngineKey]
    ) -> dict[EngineKey, EngineLoad]:
        flights = flights_of(batch.updates)
        committed = await queue.engine_loads(engines, ())
        return {engine: load.changed(flights.get(engine, ())) for engine, load in committed.items()}


def ranked(stages: Iterable[Stage]) -> dict[Rank, tuple[EngineKey, ReadyStage]]:
    """Returns the queue positions of stages that are not in the tables yet."""
    return {
        (stage.turn_at or LONG_AGO, stage.job_id, stage.ordinal, stage.id): (
            engine_of(stage),
            ReadyStage(stage.id, stage.job_id, stage.workspace_id, stage.priority),
        )
        for stage in stages
    }
