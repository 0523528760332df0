"""Presents jobs with what is known of the engines and lines right now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from services.chassis.errors import Reason
from services.gateway.components import Components
from services.gateway.db.pool import Connection
from services.gateway.jobs.domain.models import Execution, Job, Stage, StageState
from services.gateway.jobs.domain.retry import BACKOFFS
from services.gateway.jobs.store import repository
from services.gateway.jobs.views import queue_snapshot_queries as situations
from services.gateway.jobs.views.queue_snapshot import KnownKey, Situation
from services.gateway.settings import GatewaySettings
from services.gateway.videos.responses import VideoObject
from services.gateway.videos.serialize import video_object


class Presenter:
    def __init__(self, components: Components) -> None:
        self._components = components

    async def present(self, job: Job) -> VideoObject:
        return (await self.present_all([job]))[0]

    async def present_all(self, jobs: Sequence[Job]) -> list[VideoObject]:
        """Of one workspace. The engines are only asked about while one of the videos is still under way."""
        begun = [job.video.id for job in jobs if any(stage.started_at for stage in job.stages)]
        under_way = [job for job in jobs if not job.video.status.terminal]
        if not begun and not under_way:
            return [video_object(job, Situation(), {}, self._components.clock()) for job in jobs]
        async with self._components.pool.acquire() as connection:
            executions = await repository.find_executions(connection, begun) if begun else []
            situation = await self._look(connection, under_way) if under_way else Situation()
        by_stage = executions_by_stage(executions)
        return [video_object(job, situation, by_stage, self._components.clock()) for job in jobs]

    async def _look(self, connection: Connection, jobs: Sequence[Job]) -> Situation:
        components = self._components
        stages = [stage for job in jobs for stage in job.stages if not stage.state.terminal]
        ready = [stage for stage in stages if stage.state is StageState.READY]
        keys = keys_of(ready)
        since = components.clock() - timedelta(seconds=components.settings.worker_timeout_seconds)
        engines = {(stage.service, stage.engine) for stage in stages}
        return Situation(
            engines=await situations.engine_situations(connection, engines, since),
            places=await situations.find_places(connection, ready),
            in_flight=await repository.find_in_flight(connection, keys) if keys else {},
            failure_limits=failure_limits(components.settings),
        )


def executions_by_stage(executions: Sequence[Execution]) -> dict[str, list[Execution]]:
    found: defaultdict[str, list[Execution]] = defaultdict(list)
    for execution in executions:
        found[execution.stage_id].append(execution)
    return found


def keys_of(stages: Sequence[Stage]) -> list[KnownKey]:
    return sorted({(stage.workspace_id, stage.action_key) for stage in stages if stage.action_key})


def failure_limits(settings: GatewaySettings) -> dict[str, int]:
    """How often a stage may fail for each reason."""
    return {
        reason: settings.retry_limits.get(Reason(reason)) or backoff.limit
        for reason, backoff in BACKOFFS.items()
    }
