"""Estimates what a job would run, how long, and until when, before it is created."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from services.gateway.db.pool import Pool
from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.models import Job, KnownKey
from services.gateway.jobs.forecast.forecaster import Forecaster
from services.gateway.jobs.forecast.known_results import foresee
from services.gateway.jobs.scheduling.cross_job import Lookup
from services.gateway.jobs.store.ready_queue import look_up
from services.gateway.jobs.store.result_cache import ResultCheck
from services.gateway.jobs.views.estimate import EstimateObject, estimate_object


class JobEstimator:
    """Estimates jobs of every kind. Writes nothing."""

    def __init__(
        self, pool: Pool, check: ResultCheck, forecaster: Forecaster, clock: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._check = check
        self._forecaster = forecaster
        self._clock = clock

    async def estimate(self, job: Job) -> EstimateObject:
        """Returns what the job, which is not stored, would run. Raises `StoreUnavailable`."""
        foreseen = await foresee(job.stages, self._look_up, self._find_lost)
        forecast = await self._forecaster.current()
        return estimate_object(forecast.with_turn(job), foreseen, forecast, self._clock())

    async def _look_up(self, keys: Sequence[KnownKey]) -> Lookup:
        async with self._pool.acquire() as connection:
            return await look_up(connection, keys)

    async def _find_lost(self, results: Sequence[KnownResult]) -> Collection[str]:
        return await self._check.lost(known for known in results if not self._check.trusts(known))
