"""Runs a failed job again, as a new one: a job that has ended never changes."""

from services.gateway.components import Components
from services.gateway.db.pool import Connection
from services.gateway.dead_letters import repository
from services.gateway.http.errors import not_found
from services.gateway.jobs.domain.job_plan import new_job_id, new_stage_id
from services.gateway.jobs.domain.models import EngineKey, Job, JobStatus
from services.gateway.jobs.store import repository as jobs

RUN_AGAIN = (JobStatus.FAILED, JobStatus.CANCELLED)


class RedrivenMeanwhile(Exception):
    """Another request has redriven or deleted the job meanwhile."""


async def redrive(components: Components, workspace: str, stage_id: str) -> Job:
    """Returns the job that runs the dead letter's job again: a new one, unless one is under way or completed.

    Raises a 404 if there is no such dead letter.
    """
    while True:
        async with components.pool.acquire() as connection:
            last = await newest(connection, workspace, stage_id)
        if last.record.status not in RUN_AGAIN:
            return last
        try:
            return await run_again(components, last)
        except RedrivenMeanwhile:
            continue


async def newest(connection: Connection, workspace: str, stage_id: str) -> Job:
    """Returns the last redrive of the dead letter's job, or the job itself. Raises a 404."""
    stage = await repository.find(connection, workspace, stage_id)
    job_id = stage and await repository.newest_redrive(connection, workspace, stage.job_id)
    job = await jobs.find_job(connection, workspace, job_id) if job_id else None
    if job is None:
        raise not_found("dead_letter", stage_id)
    return job


async def run_again(components: Components, job: Job) -> Job:
    """Stores a copy of the failed job. Raises `RedrivenMeanwhile`."""

    async def lock(connection: Connection) -> None:
        if not await repository.lock_unredriven(connection, job.record.id):
            raise RedrivenMeanwhile(job.record.id)

    kind = components.jobs.kinds[job.record.kind]
    again = kind.redrive(
        job,
        job_id=new_job_id(kind.name),
        new_stage_id=new_stage_id,
        versions=versions_of(components, job),
        now=components.clock(),
    )
    return (await components.jobs.writer.create([again], lock))[0]


def versions_of(components: Components, job: Job) -> dict[EngineKey, str]:
    """Returns today's version of every engine of the job's services."""
    services = {stage.service for stage in job.stages}
    specs = [spec for service in services for spec in components.catalogue.engines(service)]
    return {(spec.service, spec.name): spec.version for spec in specs}
