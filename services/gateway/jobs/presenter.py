"""Builds the response objects of jobs, with the current state of their engines and queues."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from services.chassis.errors import Reason
from services.gateway.db.pool import Connection, Pool
from services.gateway.jobs.domain.models import Execution, Job, KnownKey, Stage, StageState
from services.gateway.jobs.domain.retry import BACKOFFS
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.forecast.forecaster import Forecaster
from services.gateway.jobs.kinds import Kinds
from services.gateway.jobs.store import repository
from services.gateway.jobs.views import queue_snapshot_queries as snapshots
from services.gateway.jobs.views.objects import JobObject
from services.gateway.jobs.views.queue_snapshot import QueueSnapshot
from services.gateway.jobs.views.serialize import JobView
from services.gateway.settings import GatewaySettings

MANY_STAGES = 20
"""Stages from which a job takes milliseconds to show."""


class JobPresenter:
    """Builds the response objects of jobs of every kind, each as its kind's own object."""

    def __init__(
        self,
        pool: Pool,
        kinds: Kinds,
        forecaster: Forecaster,
        settings: GatewaySettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._forecaster = forecaster
        self._kinds = kinds
        self._settings = settings
        self._clock = clock

    async def present(self, job: Job, *, complete: bool = True) -> JobObject:
        return (await self.present_all([job], complete=complete))[0]

    async def present_all(self, jobs: Sequence[Job], *, complete: bool = False) -> list[JobObject]:
        """Returns the objects of jobs of one workspace; with their requests if `complete`.

        Engines and queues are only read while one of the jobs is under way.
        """
        begun = [job.record.id for job in jobs if any(stage.started_at for stage in job.stages)]
        under_way = [job for job in jobs if not job.record.status.terminal]
        executions: Sequence[Execution] = ()
        snapshot = QueueSnapshot()
        if begun or under_way:
            async with self._pool.acquire() as connection:
                executions = await repository.find_executions(connection, begun) if begun else ()
                snapshot = await self._snapshot(connection, under_way) if under_way else snapshot
        forecast = await self._forecaster.current() if under_way else Forecast()
        view = JobView(snapshot, forecast, executions_by_stage(executions), self._clock(), complete)
        shown: list[JobObject] = []
        for job in jobs:
            shown.append(self._kinds.present(job, view))
            if len(job.stages) > MANY_STAGES:
                await asyncio.sleep(0)  # a page of long jobs takes a while: other tasks run in between
        return shown

    async def _snapshot(self, connection: Connection, jobs: Sequence[Job]) -> QueueSnapshot:
        stages = [stage for job in jobs for stage in job.stages if not stage.state.terminal]
        ready = [stage for stage in stages if stage.state is StageState.READY]
        keys = keys_of(ready)
        since = self._clock() - timedelta(seconds=self._settings.worker_timeout_seconds)
        engines = {(stage.service, stage.engine) for stage in stages}
        return QueueSnapshot(
            engines=await snapshots.engine_snapshots(connection, engines, since),
            positions=await snapshots.find_queue_positions(connection, ready),
            in_flight=await repository.find_in_flight(connection, keys) if keys else {},
            failure_limits=failure_limits(self._settings),
        )


def executions_by_stage(executions: Sequence[Execution]) -> dict[str, list[Execution]]:
    found: defaultdict[str, list[Execution]] = defaultdict(list)
    for execution in executions:
        found[execution.stage_id].append(execution)
    return found


def keys_of(stages: Sequence[Stage]) -> list[KnownKey]:
    return sorted({(stage.workspace_id, stage.action_key) for stage in stages if stage.action_key})


def failure_limits(settings: GatewaySettings) -> dict[str, int]:
    """Returns how often a stage may fail, by reason."""
    return {
        reason: settings.retry_limits.get(Reason(reason)) or backoff.limit
        for reason, backoff in BACKOFFS.items()
    }
