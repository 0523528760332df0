"""Estimates what a job would run, how long, and until when, before it is created."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog

from services.chassis.errors import StoreUnavailable
from services.gateway.db.pool import Pool
from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.models import CacheUse, Job, KnownKey
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.forecast.forecaster import Forecaster
from services.gateway.jobs.forecast.known_results import Foreseen, foresee
from services.gateway.jobs.forecast.stage_load import length_of
from services.gateway.jobs.scheduling.cross_job import Lookup
from services.gateway.jobs.scheduling.turn import with_turn
from services.gateway.jobs.store.ready_queue import look_up
from services.gateway.jobs.store.result_cache import ResultCheck
from services.gateway.jobs.views.estimate import EstimateObject, estimate_object

log = structlog.get_logger()
LONG_SECONDS = 10.0
"""Run time from which it is worth finding out, before a job is stored, which of its results are known."""


class JobEstimator:
    """Estimates jobs of every kind that are not stored yet. Writes nothing."""

    def __init__(
        self, pool: Pool, check: ResultCheck, forecaster: Forecaster, clock: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._check = check
        self._forecaster = forecaster
        self._clock = clock

    async def estimate(self, job: Job) -> EstimateObject:
        """Returns what the job would run. Raises `StoreUnavailable`."""
        foreseen = await self._foresee(job)
        forecast = await self._forecaster.current()
        queued = with_turn(job, run_seconds(job, forecast, foreseen))
        return estimate_object(queued, foreseen, forecast, self._clock())

    async def with_turn(self, job: Job) -> Job:
        """Returns the job with its turn in the queues, by the stages that will run."""
        forecast = await self._forecaster.current()
        seconds = run_seconds(job, forecast)
        if seconds > LONG_SECONDS:
            try:
                seconds = run_seconds(job, forecast, await self._foresee(job))
            except StoreUnavailable as exc:
                log.warning("turn.results_not_checked", error=exc.message)
        return with_turn(job, seconds)

    async def with_turns(self, jobs: Sequence[Job]) -> list[Job]:
        """Returns many jobs with their turns, as if nothing were known of their results."""
        forecast = await self._forecaster.current()
        turned: list[Job] = []
        for job in jobs:
            turned.append(with_turn(job, run_seconds(job, forecast)))
            await asyncio.sleep(0)  # a thousand jobs take a while: other tasks run in between
        return turned

    async def _foresee(self, job: Job) -> Foreseen:
        return await foresee(job.stages, self._look_up, self._find_lost)

    async def _look_up(self, keys: Sequence[KnownKey]) -> Lookup:
        async with self._pool.acquire() as connection:
            return await look_up(connection, keys)

    async def _find_lost(self, results: Sequence[KnownResult]) -> Collection[str]:
        return await self._check.lost(known for known in results if not self._check.trusts(known))


def run_seconds(job: Job, forecast: Forecast, foreseen: Foreseen | None = None) -> float:
    """Returns how long the job's stages run, one after the other, without those that are foreseen as hits."""
    uses = foreseen.uses if foreseen else {}
    stages = [stage for stage in job.stages if uses.get(stage.name) is not CacheUse.HIT]
    return forecast.total_run_seconds(stages, length_of(job.stages, forecast.rates))
