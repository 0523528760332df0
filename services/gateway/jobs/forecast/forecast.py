"""Predicts how long jobs will take: from how much they have to do, and from what stands before them. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.gateway.jobs.domain.models import EngineKey, Job, Stage, StageOutput, StageState
from services.gateway.jobs.forecast.engine_slots import EngineSlots
from services.gateway.jobs.forecast.rates import EngineRate
from services.gateway.jobs.forecast.stage_load import Rates, elapsed_of, length_of, seconds_left, work_of
from services.gateway.jobs.forecast.workload import Place, Workload
from services.gateway.jobs.scheduling.admission import engine_of

GUESSED_RATE = 0.1
"""Run time of an engine that has never run, in seconds for a second of media."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Rates and queues of all engines at one moment.

    It is `truncated` if more jobs are open than it counts: then it does not say when a job will be done.
    """

    rates: Rates = field(default_factory=dict[EngineKey, EngineRate])
    workload: Workload = field(default_factory=Workload)
    truncated: bool = False

    def eta_seconds(self, job: Job, now: datetime) -> float | None:
        """Returns the seconds until the job is done; 0 for one that has ended.

        Returns `None` if one of its engines has never run or has no live worker.
        """
        if job.record.status.terminal:
            return 0.0
        return self.seconds_until_done(job.stages, now, length_of(job.stages, self.rates))

    def seconds_until_done(
        self, stages: Sequence[Stage], now: datetime, length: float, known: Collection[str] = ()
    ) -> float | None:
        """Returns the seconds until the stages of one job are done; `None` as `eta_seconds` does.

        `length` is how much longer than planned its scripts take to speak. `known` names stages whose results
        are known already: they take no time.
        """
        open_stages = [each for each in stages if not each.state.terminal and each.name not in known]
        slots = self._slots(open_stages, length, now)
        if slots is None:
            return None
        done: dict[str, float] = {}
        for stage in open_stages:
            engine, left = slots[engine_of(stage)], self._left(stage, length, now)
            if stage.state is StageState.RUNNING:
                done[stage.name] = left  # by its own pace, which is that beside others
                continue
            sources = (each.stage for each in stage.inputs.values() if isinstance(each, StageOutput))
            arrival = max((done.get(name, 0.0) for name in sources), default=0.0)
            begin = max(arrival, delay_of(stage, now))
            done[stage.name] = engine.take(begin, left * engine.slowdown)
        return round(max(done.values(), default=0.0), 1)

    def _slots(
        self, open_stages: Sequence[Stage], length: float, now: datetime
    ) -> dict[EngineKey, EngineSlots] | None:
        by_engine: defaultdict[EngineKey, list[Stage]] = defaultdict(list)
        for stage in open_stages:
            by_engine[engine_of(stage)].append(stage)
        slots: dict[EngineKey, EngineSlots] = {}
        for engine, own in by_engine.items():
            queue, rate = self.workload.queues.get(engine), self.rates.get(engine)
            if queue is None or rate is None or self.truncated:
                return None
            place = place_of(own[0])
            left = [(each.state is StageState.RUNNING, self._left(each, length, now)) for each in own]
            slots[engine] = EngineSlots(
                queue,
                rate,
                place,
                running=[seconds for runs, seconds in left if runs],
                waiting=[seconds for runs, seconds in left if not runs],
                counted=place.job_id in self.workload.jobs,
            )
        return slots

    def _left(self, stage: Stage, length: float, now: datetime) -> float:
        """Returns how long the stage still runs, alone. Its engine must have a rate."""
        seconds = self.run_seconds(stage, length) or 0.0
        if stage.state is StageState.RUNNING:
            return seconds_left(seconds, elapsed_of(stage.started_at, now), stage.progress)
        return seconds

    def run_seconds(self, stage: Stage, length: float) -> float | None:
        """Returns how long the whole stage runs, alone; `None` if its engine has never run."""
        rate, quantity = self.rates.get(engine_of(stage)), stage.quantity
        return None if rate is None else rate.seconds(work_of(quantity.work, quantity.estimated, length))

    def total_run_seconds(self, stages: Iterable[Stage], length: float) -> float:
        """Returns how long stages of a job would run, one after the other.

        Guesses for an engine that has never run.
        """
        total = 0.0
        for stage in stages:
            seconds = self.run_seconds(stage, length)
            total += stage.quantity.media_seconds * GUESSED_RATE if seconds is None else seconds
        return total


def place_of(stage: Stage) -> Place:
    turn = stage.turn_at.timestamp() if stage.turn_at else 0.0
    return Place(stage.workspace_id, int(stage.priority), turn, stage.job_id)


def delay_of(stage: Stage, now: datetime) -> float:
    """Returns the seconds until a stage that has failed may be tried again."""
    return max((stage.not_before - now).total_seconds(), 0.0) if stage.not_before else 0.0
