"""Whose turn it is: how many stages of an engine are on the bus at once, and which. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.gateway.jobs.domain.models import Stage

EngineKey = tuple[str, str]
"""Service and engine."""
WITHOUT_WORKERS = 4
"""So many stages wait on the bus for an engine that no worker hosts: enough to call for one."""


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """`in_flight` counts queued and running stages by workspace; `backlog` says that others are ready."""

    slots: int
    in_flight: Mapping[str, int] = field(default_factory=dict[str, int])
    bounds: Mapping[str, int] = field(default_factory=dict[str, int])
    """Of workspaces that may not have as many stages in flight as the engine has room for."""
    backlog: bool = False

    @property
    def room(self) -> int:
        return max(places(self.slots) - sum(self.in_flight.values()), 0)

    @property
    def runs_low(self) -> bool:
        """Whether the lines are to be looked at: not for every place, while others keep the workers busy."""
        return self.room > self.slots // 4

    def changed(self, flights: Iterable[tuple[str, int]]) -> "EngineLoad":
        """With so many stages more, or less, in flight for each workspace."""
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
    """How many stages of an engine may be on the bus, for so many that its live workers run at once.

    Half as many again are at hand when one ends; with a single slot none is, since whoever comes next would
    have to wait for two.
    """
    return slots + slots // 2 if slots else WITHOUT_WORKERS


def engine_of(stage: Stage) -> EngineKey:
    return stage.service, stage.engine


def admitted(candidates: Sequence[Stage], load: EngineLoad) -> list[Stage]:
    """Those of one engine's ready stages that may go on the bus, in the order given.

    None while others wait: the scheduler decides between all of them then.
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
