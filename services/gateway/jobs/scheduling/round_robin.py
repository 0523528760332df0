"""Weighted round robin among the workspaces that wait for an engine."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.gateway.jobs.domain.models import Priority
from services.gateway.jobs.scheduling.admission import EngineLoad

MAX_REMEMBERED = 1000
BATCH_TURN = 8
"""Every eighth turn goes to a batch, so that interactive work cannot starve it for ever."""


@dataclass(frozen=True, slots=True)
class ReadyStage:
    """A ready stage in its queue."""

    stage_id: str
    job_id: str
    workspace_id: str
    priority: Priority


Queues = Mapping[str, deque[ReadyStage]]
"""Ready stages of one priority, by workspace."""


class WeightedRoundRobin:
    """Weighted round-robin state of one engine: turns served per workspace, divided by its weight."""

    def __init__(self, *, turns: int = 0) -> None:
        self._turns = turns
        self._had: dict[str, float] = {}

    def note(self, workspace_id: str) -> None:
        """Counts a stage that was admitted directly, while no others waited."""
        if len(self._had) > MAX_REMEMBERED:
            self._had.clear()
        self._had[workspace_id] = self._had.get(workspace_id, 0.0) + 1

    def next(
        self, waiting: Iterable[ReadyStage], load: EngineLoad, weights: Mapping[str, float]
    ) -> list[ReadyStage]:
        """Returns the stages that get the engine's room.

        Interactive stages come before batches, then the workspace that was served least; of two the one that
        came later, since it has had nothing yet.
        """
        queues: defaultdict[Priority, dict[str, deque[ReadyStage]]] = defaultdict(dict)
        for each in waiting:
            queues[each.priority].setdefault(each.workspace_id, deque()).append(each)
        known = set(self._had)
        self._had = self._shares({each for queue in queues.values() for each in queue}, load, weights)
        left = {workspace: load.room_of(workspace) for workspace in self._had}
        chosen: list[ReadyStage] = []
        while len(chosen) < load.room and (queue := self._next_queue(queues, left, known)):
            taken = queue.popleft()
            self._turns += 1
            self._had[taken.workspace_id] += 1 / weights.get(taken.workspace_id, 1.0)
            left[taken.workspace_id] -= 1
            chosen.append(taken)
        return chosen

    def _shares(
        self, workspaces: Collection[str], load: EngineLoad, weights: Mapping[str, float]
    ) -> dict[str, float]:
        """Returns turns served. A new workspace starts at the least of the others, plus what it has in
        flight."""
        start = min((had for each, had in self._had.items() if each in workspaces), default=0.0)
        return {
            each: self._had.get(each, start + load.in_flight.get(each, 0) / weights.get(each, 1.0))
            for each in workspaces
        }

    def _next_queue(
        self, queues: Mapping[Priority, Queues], left: Mapping[str, int], known: set[str]
    ) -> deque[ReadyStage] | None:
        batch_first = self._turns % BATCH_TURN == BATCH_TURN - 1
        for priority in sorted(queues, reverse=batch_first):
            free = [each for each, queue in queues[priority].items() if queue and left[each] > 0]
            if free:
                return queues[priority][min(free, key=lambda each: (self._had[each], each in known, each))]
        return None
