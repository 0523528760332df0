"""What is known right now of the engines and the lines that a job waits for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.gateway.jobs.domain.models import EngineKey, KnownKey, Stage

QUEUE_LIMIT = 2000
"""Lines of ready stages are counted up to here, so that a look at a job stays quick."""


@dataclass(frozen=True, slots=True)
class EngineSnapshot:
    """`queued` are the ids of the stages on the bus, the oldest job's first; `ready` counts those that
    wait for their turn in all workspaces. `run_seconds` is the median of the last runs."""

    workers: frozenset[str] = frozenset()
    slots: int = 0
    running: int = 0
    queued: tuple[str, ...] = ()
    ready: int = 0
    run_seconds: float | None = None

    @property
    def unfinished(self) -> int:
        return self.running + len(self.queued) + self.ready


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Where a job's ready stages stand in their workspace's line: so many of other jobs are `before`
    them, and `whole` is the line."""

    before: int
    whole: int


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    engines: Mapping[EngineKey, EngineSnapshot] = field(default_factory=dict[EngineKey, EngineSnapshot])
    positions: Mapping[tuple[EngineKey, str], QueuePosition] = field(
        default_factory=dict[tuple[EngineKey, str], QueuePosition]
    )
    """By engine and job id."""
    in_flight: Mapping[KnownKey, set[str]] = field(default_factory=dict[KnownKey, set[str]])
    """Ids of the stages that make a result now."""
    failure_limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """How often a stage may fail, by reason."""

    def of(self, stage: Stage) -> EngineSnapshot:
        return self.engines.get((stage.service, stage.engine), EngineSnapshot())
