"""Weighted round robin among the workspaces that wait for an engine."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.gateway.jobs.domain.models import Priority
from services.gateway.jobs.scheduling.admission import EngineLoad

MOST_REMEMBERED = 1000
BATCH_TURN = 8
"""Every eighth turn goes to a batch, so that interactive work cannot starve it for ever."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ready stage, in the order in which its workspace wants it."""

    stage_id: str
    video_id: str
    workspace_id: str
    priority: Priority


Lines = Mapping[str, deque[Waiting]]
"""Who waits, by workspace."""


class Rota:
    """Of one engine. It remembers what each workspace has had, for its weight, as long as it waits."""

    def __init__(self, *, turns: int = 0) -> None:
        self._turns = turns
        self._had: dict[str, float] = {}

    def note(self, workspace_id: str) -> None:
        """The workspace has had a turn while nobody waited."""
        if len(self._had) > MOST_REMEMBERED:
            self._had.clear()
        self._had[workspace_id] = self._had.get(workspace_id, 0.0) + 1

    def next(
        self, waiting: Iterable[Waiting], load: EngineLoad, weights: Mapping[str, float]
    ) -> list[Waiting]:
        """Whom the engine's room goes to: interactive work before batches, then the workspace that has had
        the least, and of two the one that has come later: it has had nothing yet."""
        lines: defaultdict[Priority, dict[str, deque[Waiting]]] = defaultdict(dict)
        for each in waiting:
            lines[each.priority].setdefault(each.workspace_id, deque()).append(each)
        known = set(self._had)
        self._had = self._shares({each for line in lines.values() for each in line}, load, weights)
        left = {workspace: load.room_of(workspace) for workspace in self._had}
        chosen: list[Waiting] = []
        while len(chosen) < load.room and (line := self._next_line(lines, left, known)):
            taken = line.popleft()
            self._turns += 1
            self._had[taken.workspace_id] += 1 / weights.get(taken.workspace_id, 1.0)
            left[taken.workspace_id] -= 1
            chosen.append(taken)
        return chosen

    def _shares(
        self, workspaces: Collection[str], load: EngineLoad, weights: Mapping[str, float]
    ) -> dict[str, float]:
        """Whoever is new starts where the others are, with what is in flight of it."""
        start = min((had for each, had in self._had.items() if each in workspaces), default=0.0)
        return {
            each: self._had.get(each, start + load.in_flight.get(each, 0) / weights.get(each, 1.0))
            for each in workspaces
        }

    def _next_line(
        self, lines: Mapping[Priority, Lines], left: Mapping[str, int], known: set[str]
    ) -> deque[Waiting] | None:
        batch_first = self._turns % BATCH_TURN == BATCH_TURN - 1
        for priority in sorted(lines, reverse=batch_first):
            free = [each for each, line in lines[priority].items() if line and left[each] > 0]
            if free:
                return lines[priority][min(free, key=lambda each: (self._had[each], each in known, each))]
        return None
