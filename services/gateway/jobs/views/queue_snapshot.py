"""Snapshot of the engines and queues that jobs wait for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.gateway.jobs.domain.models import EngineKey, KnownKey, Stage

QUEUE_LIMIT = 2000
"""Ready stages of a queue are counted up to this number, so that reading a job stays quick."""


@dataclass(frozen=True, slots=True)
class EngineSnapshot:
    """State of one engine.

    `queued` are the ids of the stages on the bus, the oldest job's first; `ready` counts the stages of all
    workspaces that wait for their turn.
    """

    workers: frozenset[str] = frozenset()
    running: int = 0
    queued: tuple[str, ...] = ()
    ready: int = 0


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Position of a job's ready stages in their workspace's queue for one engine.

    `before` counts the stages of other jobs before them, `total` all stages of the queue.
    """

    before: int
    total: int


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """State of the engines of some jobs' stages, and of the jobs' places in the queues."""

    engines: Mapping[EngineKey, EngineSnapshot] = field(default_factory=dict[EngineKey, EngineSnapshot])
    positions: Mapping[tuple[EngineKey, str], QueuePosition] = field(
        default_factory=dict[tuple[EngineKey, str], QueuePosition]
    )
    """Positions by engine and job id."""
    in_flight: Mapping[KnownKey, set[str]] = field(default_factory=dict[KnownKey, set[str]])
    """Ids of the stages that are making a result now, by workspace and action key."""
    failure_limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """Number of times that a stage may fail, by reason."""

    def of(self, stage: Stage) -> EngineSnapshot:
        """Returns the state of the stage's engine; an empty one if it is unknown."""
        return self.engines.get((stage.service, stage.engine), EngineSnapshot())
