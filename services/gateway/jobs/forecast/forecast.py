"""Predicts how long jobs will take: from how much they have to do, and from what stands before them. Pure."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.gateway.jobs.domain.models import EngineKey, Job, Stage, StageOutput
from services.gateway.jobs.forecast.rates import EngineRate
from services.gateway.jobs.forecast.stage_load import Rates, length_of, load_of
from services.gateway.jobs.forecast.workload import EngineQueue, Place, Workload
from services.gateway.jobs.scheduling.admission import engine_of
from services.gateway.jobs.scheduling.turn import with_turn

GUESSED_RATE = 0.1
"""Run time of an engine that has never run, in seconds for a second of media."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Rates and queues of all engines at one moment.

    It is `truncated` if more jobs are open than it counts: then it does not say when a job will be done.
    """

    rates: Rates = field(default_factory=dict[EngineKey, EngineRate])
    workload: Workload = field(default_factory=lambda: Workload({}, ()))
    truncated: bool = False

    def eta_seconds(self, job: Job, now: datetime) -> float | None:
        """Returns the seconds until the job is done; 0 for one that has ended.

        Returns `None` if one of its engines has never run or has no live worker.
        """
        return 0.0 if job.record.status.terminal else self.seconds_until_done(job.stages, now)

    def seconds_until_done(
        self, stages: Sequence[Stage], now: datetime, known: Collection[str] = ()
    ) -> float | None:
        """Returns the seconds until the stages of one job are done; `None` as `eta_seconds` does.

        `known` names stages whose results are known already: they take no time.
        """
        open_stages = [each for each in stages if not each.state.terminal and each.name not in known]
        if not open_stages:
            return 0.0
        length = length_of([load_of(stage) for stage in stages], self.rates)
        slots = self._slots(open_stages, length, now)
        if slots is None:
            return None
        done: dict[str, float] = {}
        for stage in sorted(open_stages, key=lambda each: (not each.state.in_flight, each.ordinal)):
            sources = (each.stage for each in stage.inputs.values() if isinstance(each, StageOutput))
            arrival = max((done.get(name, 0.0) for name in sources), default=0.0)
            done[stage.name] = slots[engine_of(stage)].run(stage, max(arrival, delay_of(stage, now)))
        return round(max(done.values()), 1)

    def _slots(
        self, open_stages: Sequence[Stage], length: float, now: datetime
    ) -> "dict[EngineKey, EngineSlots] | None":
        if self.truncated:
            return None
        place = place_of(open_stages[0])
        counted = place.job_id in self.workload.jobs
        slots: dict[EngineKey, EngineSlots] = {}
        for engine, count in Counter(engine_of(stage) for stage in open_stages).items():
            queue, rate = self.workload.queue(engine), self.rates.get(engine)
            if queue is None or rate is None:
                return None
            busy = queue.busy(0 if counted else count)
            slots[engine] = EngineSlots(queue, rate, place, busy, length, now)
        return slots

    def run_seconds(self, stage: Stage, length: float = 1.0) -> float | None:
        """Returns how long the stage would run alone; `None` if its engine has never run."""
        rate = self.rates.get(engine_of(stage))
        return None if rate is None else rate.seconds(load_of(stage).work(length))

    def with_turn(self, job: Job) -> Job:
        """Returns the new job with its turn in the queues."""
        return with_turn(job, self.total_run_seconds(job.stages))

    def total_run_seconds(self, stages: Sequence[Stage]) -> float:
        """Returns how long the stages of a job would run, one after the other.

        Guesses for an engine that has never run.
        """
        length = length_of([load_of(stage) for stage in stages], self.rates)
        total = 0.0
        for stage in stages:
            seconds = self.run_seconds(stage, length)
            total += stage.quantity.media_seconds * GUESSED_RATE if seconds is None else seconds
        return total


class EngineSlots:
    """Slots of one engine as the stages of one job will find them: when each is free, in seconds from now.

    `busy` is how many stages run at once meanwhile, `length` how much longer than planned the job's media
    are.
    """

    def __init__(
        self, queue: EngineQueue, rate: EngineRate, place: Place, busy: int, length: float, now: datetime
    ) -> None:
        self._rate = rate
        self._slowdown = rate.slowdown(busy)
        self._length = length
        self._now = now
        self._free = [queue.ahead(place) * rate.slowdown(queue.slots) / queue.slots] * queue.slots

    def run(self, stage: Stage, arrival: float) -> float:
        """Returns when the stage will be done, if it can begin at `arrival` at the earliest."""
        load = load_of(stage)
        left = load.seconds_left(self._rate.seconds(load.work(self._length)) * self._slowdown, self._now)
        if stage.state.in_flight and stage.started_at is not None:
            return left  # it has its slot
        slot = self._free.index(min(self._free))
        self._free[slot] = max(self._free[slot], arrival) + left
        return self._free[slot]


def place_of(stage: Stage) -> Place:
    return Place(int(stage.priority), stage.turn_at.timestamp() if stage.turn_at else 0.0, stage.job_id)


def delay_of(stage: Stage, now: datetime) -> float:
    """Returns the seconds until a stage that has failed may be tried again."""
    return max((stage.not_before - now).total_seconds(), 0.0) if stage.not_before else 0.0
