"""What a stage still costs its engine. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.gateway.jobs.domain.models import EngineKey, Stage, StageState
from services.gateway.jobs.forecast.rates import EngineRate
from services.gateway.jobs.scheduling.admission import engine_of

MIN_PROGRESS = 0.05
"""Progress below which a stage's own pace says less than the engine's rate."""
OVERDUE = 0.1
"""Least time that a running stage is expected to need still, as a share of its elapsed time: a stage that is
overdue is not about to end."""
Rates = Mapping[EngineKey, EngineRate]


def seconds_left(expected: float, elapsed: float, progress: float) -> float:
    """Returns how long a running stage still runs, of `expected` seconds in all.

    Its own pace counts, the more the further it is.
    """
    if progress >= MIN_PROGRESS:
        left = 1 - progress
        return left * (left * expected + elapsed)
    return max(expected - elapsed, OVERDUE * elapsed)


def work_of(work: float, estimated: float, length: float) -> float:
    """Returns the work of a stage if scripts take `length` times as long to speak as planned; `estimated` is
    the share of the work that grows with them."""
    return work * (1 + estimated * (length - 1))


def length_of(stages: Sequence[Stage], rates: Rates) -> float:
    """Returns how much longer than planned the scripts of a job take to speak, as a factor: as those have
    taken that were spoken, or else as the engine of the first usually does."""
    spoken = [stage for stage in stages if stage.quantity.is_spoken and stage.quantity.media_seconds]
    ended = [stage for stage in spoken if stage.state is StageState.COMPLETED]
    return learned_length(
        sum(stage.quantity.media_seconds for stage in ended),
        sum(stage.media_seconds for stage in ended),
        rates.get(engine_of(spoken[0])) if spoken else None,
    )


def learned_length(planned: float, made: float, rate: EngineRate | None) -> float:
    if planned > 0 and made > 0:
        return made / planned
    return rate.length if rate else 1.0


def elapsed_of(started_at: datetime | None, now: datetime) -> float:
    return max((now - started_at).total_seconds(), 0.0) if started_at else 0.0
