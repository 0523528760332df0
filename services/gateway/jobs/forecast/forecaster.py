"""Keeps a forecast of run times and queues, read from PostgreSQL when somebody asks for it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.gateway.db.pool import Connection, Pool, Record
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.models import EngineKey, StageState
from services.gateway.jobs.domain.quantity import Unit
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.forecast.rates import EngineRate, Run, fit_rate
from services.gateway.jobs.forecast.stage_load import (
    Rates,
    elapsed_of,
    learned_length,
    seconds_left,
    work_of,
)
from services.gateway.jobs.forecast.workload import EngineQueue, Place, Running, Waiting, Workload

SQL = load_queries("services.gateway.jobs.forecast", "forecast.sql")
MAX_JOBS = 2000
MAX_RUNS = 40
FRESH_SECONDS, MAX_FRESH_SECONDS = 1.0, 5.0
MAX_SHARE = 0.05
"""Share of the time that may be spent on reading: with many jobs open, the forecast is renewed less often."""
Lengths = Mapping[str, float]
"""How much longer than planned the scripts of jobs take to speak, by job id; 1 for those not in it."""


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
            if time.monotonic() >= self._stale_at:
                async with self._pool.acquire() as connection:
                    begun = time.monotonic()
                    now = self._clock()
                    since = now - timedelta(seconds=self._settings.worker_timeout_seconds)
                    self._forecast = await read_forecast(connection, now, since)
                fresh = (time.monotonic() - begun) / MAX_SHARE
                self._stale_at = begun + min(max(fresh, FRESH_SECONDS), MAX_FRESH_SECONDS)
        return self._forecast


async def read_forecast(connection: Connection, now: datetime, workers_since: datetime) -> Forecast:
    """Reads the rates of the engines that have workers which announced themselves since `workers_since`, and
    the stages of all jobs that are under way."""
    rows = await connection.fetch(SQL["engine_slots"], workers_since)
    slots: dict[EngineKey, int] = {engine_in(row): row["slots"] for row in rows}
    if not slots:
        return Forecast()
    rates = await read_rates(connection, list(slots))
    in_flight = await connection.fetch(SQL["stages_in_flight"])
    waiting = await connection.fetch(SQL["waiting_stages"], MAX_JOBS)
    jobs = {row["job_id"] for row in (*in_flight, *waiting)}
    lengths = await read_lengths(connection, sorted(jobs), rates)
    await asyncio.sleep(0)  # thousands of rows take a while: other tasks run in between
    running_by_engine = running_stages(in_flight, rates, lengths, now)
    await asyncio.sleep(0)
    waiting_by_engine = waiting_stages(waiting, rates, lengths)
    queues = {
        engine: EngineQueue(count, running_by_engine[engine], waiting_by_engine[engine])
        for engine, count in slots.items()
    }
    return Forecast(rates, Workload(queues, frozenset(jobs)), truncated=len(jobs) >= MAX_JOBS)


async def read_rates(connection: Connection, engines: Sequence[EngineKey]) -> dict[EngineKey, EngineRate]:
    """Returns the rates of those engines that have run lately."""
    services, names = [service for service, _ in engines], [name for _, name in engines]
    runs: defaultdict[EngineKey, list[Run]] = defaultdict(list)
    for row in await connection.fetch(SQL["recent_runs"], services, names, MAX_RUNS):
        runs[engine_in(row)].append(run_from_row(row))
    return {engine: rate for engine, each in runs.items() if (rate := fit_rate(each))}


async def read_lengths(connection: Connection, job_ids: Sequence[str], rates: Rates) -> dict[str, float]:
    rows = await connection.fetch(SQL["spoken_lengths"], job_ids)
    return {
        row["job_id"]: learned_length(row["planned"], row["made"], rates.get(engine_in(row))) for row in rows
    }


def run_from_row(row: Record) -> Run:
    """Returns the run with what it really had to do: a picture as long as it became."""
    planned, made = row["planned_seconds"], row["media_seconds"]
    length = made / planned if planned > 0 and made > 0 else 1.0
    work = work_of(row["work"], row["estimated"], length)
    spoken = length if Unit(row["unit"]) is Unit.CHARACTER else None
    return Run(work, row["started_at"].timestamp(), row["completed_at"].timestamp(), spoken)


def running_stages(
    rows: Iterable[Record], rates: Rates, lengths: Lengths, now: datetime
) -> defaultdict[EngineKey, list[Running]]:
    """Returns the stages in flight by engine; without those of engines whose rates are not known."""
    found: defaultdict[EngineKey, list[Running]] = defaultdict(list)
    for row in rows:
        if (rate := rates.get(engine_in(row))) is not None:
            work = work_of(row["work"], row["estimated"], lengths.get(row["job_id"], 1.0))
            seconds = rate.seconds(work)
            if row["state"] == StageState.RUNNING:
                seconds = seconds_left(seconds, elapsed_of(row["started_at"], now), row["progress"])
            found[engine_in(row)].append(Running(row["job_id"], seconds))
    return found


def waiting_stages(
    rows: Iterable[Record], rates: Rates, lengths: Lengths
) -> defaultdict[EngineKey, list[Waiting]]:
    """Returns the waiting stages of jobs by engine; without those of engines whose rates are not known."""
    found: defaultdict[EngineKey, list[Waiting]] = defaultdict(list)
    for row in rows:
        if (rate := rates.get(engine_in(row))) is not None:
            job_id = row["job_id"]
            work = row["exact"] + row["estimated"] * lengths.get(job_id, 1.0)
            place = Place(row["workspace_id"], row["priority"], row["turn_at"].timestamp(), job_id)
            seconds = rate.fixed * row["stages"] + rate.per_work * work
            found[engine_in(row)].append(Waiting(place, row["stages"], seconds))
    return found


def engine_in(row: Record) -> EngineKey:
    return row["service"], row["engine"]
