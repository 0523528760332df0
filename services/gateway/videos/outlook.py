"""Presents jobs with what is known of the engines right now."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from services.gateway.components import Components
from services.gateway.engines import repository as engines
from services.gateway.videos import repository
from services.gateway.videos.estimate import Outlook
from services.gateway.videos.presenter import video_object
from services.gateway.videos.records import Job
from services.gateway.videos.schemas import VideoObject


class Presenter:
    def __init__(self, components: Components) -> None:
        self._components = components

    async def present(self, job: Job) -> VideoObject:
        return (await self.present_all([job]))[0]

    async def present_all(self, jobs: Sequence[Job]) -> list[VideoObject]:
        """The engines are only asked about while one of the videos is still under way."""
        under_way = any(not job.video.status.terminal for job in jobs)
        outlook = await self._outlook() if under_way else Outlook()
        now = self._components.clock()
        return [video_object(job, outlook, now) for job in jobs]

    async def _outlook(self) -> Outlook:
        components = self._components
        since = components.clock() - timedelta(seconds=components.settings.worker_timeout_seconds)
        async with components.pool.acquire() as connection:
            workers = await engines.live_workers(connection, since)
            concurrency: Counter[tuple[str, str]] = Counter()
            for worker in workers:
                concurrency[worker.service, worker.engine] += worker.concurrency
            return Outlook(
                run_seconds=await repository.recent_durations(connection),
                queued=await repository.queue_lengths(connection),
                concurrency=concurrency,
            )
