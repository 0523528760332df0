"""Keeps a forecast of run times and queues, read from PostgreSQL when somebody asks for it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from services.gateway.db.pool import Connection, Pool, Record
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.models import EngineKey, StageState
from services.gateway.jobs.domain.quantity import Quantity, Unit
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.forecast.rates import EngineRate, Run, fit_rate
from services.gateway.jobs.forecast.stage_load import Rates, StageLoad, length_of
from services.gateway.jobs.forecast.workload import OpenStage, Place, Workload

SQL = load_queries("services.gateway.jobs.forecast", "forecast.sql")
MAX_JOBS = 2000
MAX_RUNS = 40
FRESH_SECONDS = 1.0
MAX_SHARE = 0.02
"""Share of the time that is spent on reading: with more jobs open, the forecast is renewed less often."""


class ForecastSettings(Protocol):
    """The part of the settings that the forecast needs."""

    @property
    def worker_timeout_seconds(self) -> float: ...


class Forecaster:
    """Reads the forecast at most once a second, whoever asks, for all at once."""

    def __init__(self, pool: Pool, settings: ForecastSettings, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._settings = settings
        self._clock = clock
        self._lock = asyncio.Lock()
        self._forecast = Forecast()
        self._stale_at = 0.0

    async def current(self) -> Forecast:
        async with self._lock:
            begun = time.monotonic()
            if begun >= self._stale_at:
                now = self._clock()
                since = now - timedelta(seconds=self._settings.worker_timeout_seconds)
                async with self._pool.acquire() as connection:
                    self._forecast = await read_forecast(connection, now, since)
                spent = time.monotonic() - begun
                self._stale_at = begun + max(FRESH_SECONDS, spent / MAX_SHARE)
        return self._forecast


async def read_forecast(connection: Connection, now: datetime, workers_since: datetime) -> Forecast:
    """Reads the rates of the engines that have workers which announced themselves since `workers_since`, and
    the stages of all jobs that are under way."""
    rows = await connection.fetch(SQL["engine_slots"], workers_since)
    slots: dict[EngineKey, int] = {(row["service"], row["engine"]): row["slots"] for row in rows}
    rates = await read_rates(connection, list(slots)) if slots else {}
    rows = await connection.fetch(SQL["open_stages"], MAX_JOBS)
    jobs = {row["job_id"] for row in rows}
    return Forecast(rates, Workload(slots, open_stages(rows, rates, now)), truncated=len(jobs) >= MAX_JOBS)


async def read_rates(connection: Connection, engines: Sequence[EngineKey]) -> dict[EngineKey, EngineRate]:
    """Returns the rates of those engines that have run lately."""
    services, names = [service for service, _ in engines], [name for _, name in engines]
    runs: defaultdict[EngineKey, list[Run]] = defaultdict(list)
    for row in await connection.fetch(SQL["recent_runs"], services, names, MAX_RUNS):
        runs[row["service"], row["engine"]].append(run_from_row(row))
    return {engine: rate for engine, each in runs.items() if (rate := fit_rate(each))}


def run_from_row(row: Record) -> Run:
    planned, made = row["planned_seconds"], row["media_seconds"]
    length = made / planned if planned > 0 and made > 0 else None
    work = row["work"] * (length or 1.0) if Unit(row["unit"]).of_media else row["work"]
    return Run(work, row["started_at"].timestamp(), row["completed_at"].timestamp(), length)


def open_stages(rows: Iterable[Record], rates: Rates, now: datetime) -> Iterator[OpenStage]:
    """Yields the stages that have not ended of jobs whose rows follow one another.

    Leaves out the stages of engines whose rates are not known.
    """
    for _, group in groupby(rows, key=itemgetter("job_id")):
        stages = list(group)
        loads = [load_from_row(row) for row in stages]
        length = length_of(loads, rates)
        for row, load in zip(stages, loads, strict=True):
            rate = rates.get(load.engine)
            if rate is not None and load.state is not StageState.COMPLETED:
                place = Place(row["priority"], row["turn_at"].timestamp(), row["job_id"])
                seconds = load.seconds_left(rate.seconds(load.work(length)), now)
                yield OpenStage(load.engine, place, load.state.in_flight, seconds)


def load_from_row(row: Record) -> StageLoad:
    quantity = Quantity(Unit(row["unit"]), 0.0, row["work"], row["planned_seconds"])
    return StageLoad(
        (row["service"], row["engine"]),
        StageState(row["state"]),
        quantity,
        row["media_seconds"],
        row["progress"],
        row["started_at"],
    )
