"""Sums up the work that waits for each engine, by its order in the queues. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from services.gateway.jobs.domain.models import EngineKey


class Place(NamedTuple):
    """Place of a job's stages in the queues; `turn` is in seconds since the Unix epoch."""

    priority: int
    turn: float
    job_id: str


@dataclass(frozen=True, slots=True)
class OpenStage:
    """A stage that has not ended. `seconds` is how long it would still run alone."""

    engine: EngineKey
    place: Place
    in_flight: bool
    seconds: float


@dataclass(slots=True)
class EngineQueue:
    """Open stages of one engine: those in flight by job, the others in their order."""

    slots: int
    stages: int = 0
    in_flight: defaultdict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))
    places: list[Place] = field(default_factory=list[Place])
    sums: list[float] = field(default_factory=list[float])
    """Seconds of all stages up to and with that at the same index."""

    def ahead(self, place: Place) -> float:
        """Returns the seconds of other jobs' stages that go before those of a job: all that are in flight,
        and those whose place is before its own."""
        running = sum(self.in_flight.values()) - self.in_flight.get(place.job_id, 0.0)
        index = bisect_left(self.places, place)
        return running + (self.sums[index - 1] if index else 0.0)

    def busy(self, more: int) -> int:
        """Returns how many stages run at once, if so many more come."""
        return min(max(self.stages + more, 1), self.slots)


class Workload:
    """The queues of all engines that have live workers. `jobs` are the ids of the jobs in it."""

    def __init__(self, slots: dict[EngineKey, int], stages: Iterable[OpenStage]) -> None:
        self._queues = {engine: EngineQueue(count) for engine, count in slots.items()}
        self.jobs: set[str] = set()
        waiting: defaultdict[EngineKey, list[tuple[Place, float]]] = defaultdict(list)
        for stage in stages:
            self.jobs.add(stage.place.job_id)
            queue = self._queues.get(stage.engine)
            if queue is None:
                continue
            queue.stages += 1
            if stage.in_flight:
                queue.in_flight[stage.place.job_id] += stage.seconds
            else:
                waiting[stage.engine].append((stage.place, stage.seconds))
        for engine, entries in waiting.items():
            entries.sort()
            queue = self._queues[engine]
            queue.places = [place for place, _ in entries]
            queue.sums = list(accumulate(seconds for _, seconds in entries))

    def queue(self, engine: EngineKey) -> EngineQueue | None:
        """Returns `None` for an engine without a live worker."""
        return self._queues.get(engine)
