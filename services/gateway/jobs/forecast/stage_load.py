"""What a stage still costs its engine. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.gateway.jobs.domain.models import EngineKey, Stage, StageState
from services.gateway.jobs.domain.quantity import Quantity
from services.gateway.jobs.forecast.rates import EngineRate
from services.gateway.jobs.scheduling.admission import engine_of

MIN_PROGRESS = 0.05
"""Progress below which a stage's own pace says less than the engine's rate."""
OVERDUE = 0.1
"""Least time that a running stage is expected to need still, as a share of its elapsed time: a stage that is
overdue is not about to end."""
Rates = Mapping[EngineKey, EngineRate]


@dataclass(frozen=True, slots=True)
class StageLoad:
    """The part of a stage from which its run time is predicted."""

    engine: EngineKey
    state: StageState
    quantity: Quantity
    media_seconds: float
    progress: float
    started_at: datetime | None

    def work(self, length: float) -> float:
        """Returns the stage's work, with media `length` times as long as planned."""
        return self.quantity.work * (length if self.quantity.unit.of_media else 1.0)

    def seconds_left(self, expected: float, now: datetime) -> float:
        """Returns how long the stage still runs, of `expected` seconds in all.

        Of a running stage its own pace counts, the more the further it is.
        """
        if self.state is not StageState.RUNNING or self.started_at is None:
            return expected
        elapsed = max((now - self.started_at).total_seconds(), 0.0)
        if self.progress >= MIN_PROGRESS:
            left = 1 - self.progress
            return left * (left * expected + elapsed)
        return max(expected - elapsed, OVERDUE * elapsed)


def load_of(stage: Stage) -> StageLoad:
    return StageLoad(
        engine_of(stage), stage.state, stage.quantity, stage.media_seconds, stage.progress, stage.started_at
    )


def length_of(loads: Sequence[StageLoad], rates: Rates) -> float:
    """Returns how much longer than planned the media of a job are, as a factor: as its completed stages have
    found, or else as its first engine usually does."""
    ended = [each for each in loads if each.state is StageState.COMPLETED and each.quantity.media_seconds]
    planned = sum(each.quantity.media_seconds for each in ended)
    made = sum(each.media_seconds for each in ended)
    if planned and made:
        return made / planned
    first = rates.get(loads[0].engine) if loads else None
    return first.length if first else 1.0
