"""Has a failed video done again, as a new one: what has ended stays as it is."""

from services.gateway.components import Components
from services.gateway.db.pool import Connection
from services.gateway.dead_letters import repository
from services.gateway.dead_letters.copy_for_redrive import once_more
from services.gateway.http.errors import not_found
from services.gateway.jobs.domain.models import Job, VideoStatus
from services.gateway.jobs.store import repository as videos
from services.gateway.jobs.views.queue_snapshot import EngineKey
from services.gateway.videos.create import new_stage_id, new_video_id

DO_AGAIN = (VideoStatus.FAILED, VideoStatus.CANCELLED)


class RedrivenMeanwhile(Exception):
    """Somebody else has redriven or deleted the video."""


async def redrive(components: Components, workspace: str, stage_id: str) -> Job:
    """The video that does the dead letter's video again: a new one, unless one is under way or completed.

    Raises a 404 if there is no such dead letter.
    """
    while True:
        async with components.pool.acquire() as connection:
            last = await newest(connection, workspace, stage_id)
        if last.video.status not in DO_AGAIN:
            return last
        try:
            return await do_again(components, last)
        except RedrivenMeanwhile:
            continue


async def newest(connection: Connection, workspace: str, stage_id: str) -> Job:
    stage = await repository.find(connection, workspace, stage_id)
    video_id = stage and await repository.newest_redrive(connection, workspace, stage.video_id)
    job = await videos.find_job(connection, workspace, video_id) if video_id else None
    if job is None:
        raise not_found("dead_letter", stage_id)
    return job


async def do_again(components: Components, job: Job) -> Job:
    """Raises RedrivenMeanwhile."""

    async def lock(connection: Connection) -> None:
        if not await repository.lock_unredriven(connection, job.video.id):
            raise RedrivenMeanwhile(job.video.id)

    again = once_more(
        job,
        video_id=new_video_id(),
        new_stage_id=new_stage_id,
        versions=versions_of(components, job),
        now=components.clock(),
    )
    return (await components.ledger.create([again], lock))[0]


def versions_of(components: Components, job: Job) -> dict[EngineKey, str]:
    services = {stage.service for stage in job.stages}
    specs = [spec for service in services for spec in components.catalogue.engines(service)]
    return {(spec.service, spec.name): spec.version for spec in specs}
