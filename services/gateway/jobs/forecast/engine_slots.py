"""Slots of one engine as the stages of one job will find them. Pure."""

from collections.abc import Sequence

from services.gateway.jobs.forecast.rates import EngineRate
from services.gateway.jobs.forecast.workload import EngineQueue, Place


class EngineSlots:
    """When each slot of an engine is free, in seconds from now.

    `running` are the seconds that the job's own running stages still take, `waiting` those of its others, if
    they ran alone. `counted` tells whether the queue counts the job already.
    """

    def __init__(
        self,
        queue: EngineQueue,
        rate: EngineRate,
        place: Place,
        running: Sequence[float],
        waiting: Sequence[float],
        *,
        counted: bool,
    ) -> None:
        self.slowdown = rate.slowdown(queue.busy(0 if counted else len(running) + len(waiting)))
        self._free = [0.0] * queue.slots
        others = [each.seconds for each in queue.running if each.job_id != place.job_id]
        for seconds in sorted((*running, *others), reverse=True):
            self.take(0.0, seconds)
        before_last = sum(waiting) - max(waiting, default=0.0)
        self._pour(queue.ahead(place, before_last) * rate.slowdown(queue.slots))

    def take(self, arrival: float, seconds: float) -> float:
        """Occupies the first free slot from `arrival` on. Returns the end."""
        slot = self._free.index(min(self._free))
        self._free[slot] = max(self._free[slot], arrival) + seconds
        return self._free[slot]

    def _pour(self, seconds: float) -> None:
        """Shares work among the slots so that those which get some end at once."""
        free = sorted(self._free)
        for count in range(1, len(free) + 1):
            level = (seconds + sum(free[:count])) / count
            if count == len(free) or level <= free[count]:
                self._free = [max(each, level) for each in self._free]
                return
