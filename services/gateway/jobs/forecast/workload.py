"""Sums up the work that waits for each engine, by its order in the queues. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from services.gateway.jobs.domain.models import EngineKey


class Place(NamedTuple):
    """Place of a job's stages in the queues of its workspace; `turn` is in seconds since the Unix epoch."""

    workspace_id: str
    priority: int
    turn: float
    job_id: str


class Running(NamedTuple):
    """A stage in flight: its job, and how long it still runs, alone."""

    job_id: str
    seconds: float


class Waiting(NamedTuple):
    """The stages of one job that wait for an engine: how many, and how long all of them run, alone."""

    place: Place
    stages: int
    seconds: float


@dataclass(slots=True)
class WorkspaceQueue:
    """Waiting stages of one workspace for one engine, in their order.

    `sums` are the seconds of all up to and with that at the same index.
    """

    places: list[tuple[int, float, str]] = field(default_factory=list[tuple[int, float, str]])
    sums: list[float] = field(default_factory=list[float])
    by_priority: defaultdict[int, float] = field(default_factory=lambda: defaultdict[int, float](float))

    def before(self, place: Place) -> float:
        """Returns the seconds of the stages that go before those of a job of this workspace."""
        index = bisect_left(self.places, place[1:])
        return self.sums[index - 1] if index else 0.0

    def more_urgent(self, priority: int) -> float:
        """Returns the seconds of the stages of more urgent classes."""
        return sum(seconds for each, seconds in self.by_priority.items() if each < priority)


class EngineQueue:
    """Open stages of one engine: those in flight one by one, the others by workspace."""

    def __init__(self, slots: int, running: Iterable[Running], waiting: Iterable[Waiting]) -> None:
        self.slots = slots
        self.running = list(running)
        self.stages = len(self.running)
        self._queues: defaultdict[str, WorkspaceQueue] = defaultdict(WorkspaceQueue)
        for entry in sorted(waiting, key=lambda each: each.place):
            queue = self._queues[entry.place.workspace_id]
            queue.places.append(entry.place[1:])
            queue.sums.append(entry.seconds)
            queue.by_priority[entry.place.priority] += entry.seconds
            self.stages += entry.stages
        for queue in self._queues.values():
            queue.sums = list(accumulate(queue.sums))

    def ahead(self, place: Place, own_seconds: float) -> float:
        """Returns the seconds of waiting stages that run before the last of a job's, which wait for
        `own_seconds` in all before that one.

        Workspaces take turns: another one has as much done meanwhile as this one, if it has so much. What is
        more urgent goes before.
        """
        own = self._queues.get(place.workspace_id, WorkspaceQueue()).before(place)
        total = own
        for workspace_id, queue in self._queues.items():
            if workspace_id != place.workspace_id:
                total += queue.more_urgent(place.priority)
                total += min(queue.by_priority.get(place.priority, 0.0), own + own_seconds)
        return total

    def busy(self, more: int) -> int:
        """Returns how many stages run at once, if so many more come."""
        return min(max(self.stages + more, 1), self.slots)


@dataclass(frozen=True, slots=True)
class Workload:
    """The queues of the engines that have live workers, and the ids of the jobs that are in them."""

    queues: Mapping[EngineKey, EngineQueue] = field(default_factory=dict[EngineKey, EngineQueue])
    jobs: frozenset[str] = frozenset()
