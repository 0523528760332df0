"""Bounds how many stages of an engine are on the bus at once. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.gateway.jobs.domain.models import EngineKey, Stage

WITHOUT_WORKERS = 4
"""Stages that wait on the bus for an engine without a live worker: enough for a scaler to see."""


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """Load of one engine: slots of its live workers, and stages in flight.

    `in_flight` counts queued and running stages by workspace; `backlog` says that others are ready.
    """

    slots: int
    in_flight: Mapping[str, int] = field(default_factory=dict[str, int])
    bounds: Mapping[str, int] = field(default_factory=dict[str, int])
    """Most stages in flight of a workspace, for those that have such a bound."""
    backlog: bool = False

    @property
    def room(self) -> int:
        return max(places(self.slots) - sum(self.in_flight.values()), 0)

    @property
    def runs_low(self) -> bool:
        """Tells whether the queues are worth reading: not for every freed place while workers are busy."""
        return self.room > self.slots // 4

    def changed(self, flights: Iterable[tuple[str, int]]) -> "EngineLoad":
        """Returns the load after changes, each a workspace and how many stages more it has in flight."""
        counts = Counter(self.in_flight)
        for workspace_id, change in flights:
            counts[workspace_id] += change
        return EngineLoad(self.slots, +counts, self.bounds, self.backlog)

    def with_backlog(self, backlog: bool) -> "EngineLoad":
        return EngineLoad(self.slots, self.in_flight, self.bounds, backlog)

    def bounded(self, bounds: Mapping[str, int]) -> "EngineLoad":
        return EngineLoad(self.slots, self.in_flight, bounds, self.backlog)

    def room_of(self, workspace_id: str) -> int:
        bound = self.bounds.get(workspace_id)
        if bound is None:
            return self.room
        return min(self.room, max(bound - self.in_flight.get(workspace_id, 0), 0))


def places(slots: int) -> int:
    """Returns how many stages of an engine may be on the bus when its live workers run `slots` at once.

    Half as many again, so that a worker finds the next stage when one ends. With a single slot there is no
    surplus: an interactive stage would have to wait for two.
    """
    return slots + slots // 2 if slots else WITHOUT_WORKERS


def engine_of(stage: Stage) -> EngineKey:
    return stage.service, stage.engine


def admitted(candidates: Sequence[Stage], load: EngineLoad) -> list[Stage]:
    """Returns those of one engine's ready stages that may go on the bus, in the order given.

    Returns an empty list while others wait in the tables: then the scheduler decides between all of them.
    """
    if load.backlog:
        return []
    chosen: list[Stage] = []
    taken: Counter[str] = Counter()
    for stage in candidates:
        if len(chosen) == load.room:
            break
        if taken[stage.workspace_id] < load.room_of(stage.workspace_id):
            taken[stage.workspace_id] += 1
            chosen.append(stage)
    return chosen
