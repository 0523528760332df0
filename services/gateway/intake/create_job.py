"""Creates a job from a validated request of any kind."""

import hashlib
import re
from collections.abc import Mapping

from services.chassis.aio import off_loop
from services.chassis.observability.telemetry import current_traceparent
from services.gateway.assets import repository as assets
from services.gateway.assets.repository import Asset
from services.gateway.components import Components
from services.gateway.http.errors import combined
from services.gateway.idempotency.create_once import Claimed, create_once
from services.gateway.idempotency.repository import Claim
from services.gateway.jobs.domain.job_plan import JobIdentity, build_job, new_job_id
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.kinds import Refused
from services.gateway.jobs.request import JobRequest
from services.gateway.jobs.store import repository
from services.gateway.jobs.views.estimate import EstimateObject
from services.gateway.jobs.views.objects import JobObject

_ASSET = re.compile(r'"(asset_\w{1,64})"')
"""The id of an asset as a whole text in JSON."""


async def create_and_show(
    components: Components,
    kind: str,
    workspace: str,
    request: JobRequest,
    idempotency_key: str | None,
    *,
    remixed_from: str | None = None,
) -> JobObject | EstimateObject:
    """Creates a job as `create_job` does, and returns it as the API shows it. For a `dry_run` returns the
    estimate instead."""
    if request.dry_run:
        return await estimate_job(components, kind, workspace, request)
    job = await create_job(components, kind, workspace, request, idempotency_key, remixed_from=remixed_from)
    return await components.jobs.presenter.present(job)


async def create_job(
    components: Components,
    kind: str,
    workspace: str,
    request: JobRequest,
    idempotency_key: str | None = None,
    *,
    remixed_from: str | None = None,
) -> Job:
    """Plans the request and stores the job with its stages and first commands in one transaction.

    With a key that has created a job for the same request, returns that job. A refusal that it raises has
    everything that is wrong.
    """
    jobs = components.jobs

    async def make(claimed: Claimed) -> Job:
        planned = await plan_job(components, kind, workspace, request, remixed_from)
        job = await jobs.estimator.with_turn(planned)
        return (await jobs.writer.create([job], claimed(job.record.id)))[0]

    async def find(job_id: str) -> Job | None:
        async with components.pool.acquire() as connection:
            return await repository.find_job(connection, workspace, job_id)

    claim = None
    if idempotency_key:
        async with components.pool.acquire() as connection:
            named = await assets.find(connection, workspace, sorted(request.asset_ids()))
        claim = Claim(workspace, idempotency_key, await request_hash(kind, request, named, remixed_from))
    return await create_once(components, claim, make, find)


async def estimate_job(
    components: Components, kind: str, workspace: str, request: JobRequest
) -> EstimateObject:
    """Returns what the job would run if it were created now. Raises what `create_job` would raise."""
    job = await plan_job(components, kind, workspace, request)
    return await components.jobs.estimator.estimate(job)


async def plan_job(
    components: Components,
    kind: str,
    workspace: str,
    request: JobRequest,
    remixed_from: str | None = None,
) -> Job:
    """Returns the planned job, which is not stored. Raises a refusal with everything that is wrong."""
    (planned,) = await components.jobs.kinds[kind].plan(components, workspace, [request])
    if isinstance(planned, Refused):
        raise combined(planned.errors)
    identity = JobIdentity(
        id=new_job_id(kind),
        kind=kind,
        workspace_id=workspace,
        created_at=components.clock(),
        traceparent=current_traceparent(),
        remixed_from=remixed_from,
    )
    return build_job(identity, planned)


async def request_hash(
    kind: str, request: JobRequest, named: Mapping[str, Asset], remixed_from: str | None = None
) -> bytes:
    """Returns a digest in which files count by their content, because a client that retries uploads
    them again."""
    text = request.model_dump_json(exclude={"dry_run"}, exclude_defaults=True)

    def digest() -> bytes:
        by_content = _ASSET.sub(lambda found: f'"{content_of(found[1], named)}"', text)
        return hashlib.sha256(f"{kind}\n{remixed_from or ''}\n{by_content}".encode()).digest()

    return await off_loop(digest, len(text))


def content_of(asset_id: str, named: Mapping[str, Asset]) -> str:
    """Returns the digest of an asset's content; the id itself if the request names no such asset."""
    return named[asset_id].artifact.sha256 if asset_id in named else asset_id
