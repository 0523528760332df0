"""Weighted round robin among the workspaces that wait for an engine. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.gateway.videos.admission import EngineLoad
from services.gateway.videos.records import Priority

BATCH_TURN = 8
"""Every eighth turn goes to a batch, so that interactive work cannot starve it for ever."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ready stage, in the order in which its workspace wants it."""

    stage_id: str
    video_id: str
    workspace_id: str
    priority: Priority


def fair_turns(
    waiting: Iterable[Waiting], load: EngineLoad, weights: Mapping[str, float], turns_before: int
) -> list[Waiting]:
    """Whom the engine's room goes to: at each turn the workspace with the fewest stages in flight for its
    weight, interactive work before batches."""
    lines: defaultdict[Priority, dict[str, deque[Waiting]]] = defaultdict(dict)
    for each in waiting:
        lines[each.priority].setdefault(each.workspace_id, deque()).append(each)
    held = dict(load.in_flight)
    chosen: list[Waiting] = []
    while len(chosen) < load.room:
        batch_first = (turns_before + len(chosen)) % BATCH_TURN == BATCH_TURN - 1
        for priority in sorted(lines, reverse=batch_first):
            line = _next_line(lines[priority], held, load, weights)
            if line is not None:
                break
        else:
            break
        taken = line.popleft()
        held[taken.workspace_id] = held.get(taken.workspace_id, 0) + 1
        chosen.append(taken)
    return chosen


def _next_line(
    lines: Mapping[str, deque[Waiting]],
    held: Mapping[str, int],
    load: EngineLoad,
    weights: Mapping[str, float],
) -> deque[Waiting] | None:
    free = [
        workspace
        for workspace, line in lines.items()
        if line and held.get(workspace, 0) < load.bounds.get(workspace, held.get(workspace, 0) + 1)
    ]
    if not free:
        return None
    return lines[
        min(
            free,
            key=lambda workspace: ((held.get(workspace, 0) + 1) / weights.get(workspace, 1.0), workspace),
        )
    ]
