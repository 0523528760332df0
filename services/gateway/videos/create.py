"""From a request to a stored job."""

import hashlib
import secrets
from collections.abc import Mapping

from services.chassis.observability.telemetry import current_traceparent
from services.gateway.assets.repository import Asset
from services.gateway.components import Components
from services.gateway.idempotency.create_once import Claimed, made_once
from services.gateway.idempotency.repository import Claim
from services.gateway.jobs.domain.models import Job, Stage, Video, VideoStatus
from services.gateway.jobs.store import repository
from services.gateway.videos.plan import PlannedStage, plan
from services.gateway.videos.preflight import Inspection
from services.gateway.videos.reference_names import texts_of
from services.gateway.videos.references import read_holdings
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.resolve import Resolver
from services.gateway.videos.spec import VideoSpec

SCRIPT_SEPARATOR = "\n\n"


async def create_video(
    components: Components, workspace: str, request: VideoRequest, idempotency_key: str | None = None
) -> Job:
    """Validate, plan, and store the video with its stages and the first commands in one transaction.

    With a key that has made a video for the same request, it is that video.
    """
    async with components.pool.acquire() as connection:
        longest = components.settings.max_script_characters
        holdings = await read_holdings(connection, workspace, [request], longest)

    async def make(claimed: Claimed) -> Job:
        spec = Resolver(request, holdings, components.catalogue, components.settings).resolve()
        inspection = Inspection(components)
        await inspection.look_at([spec])
        if refusals := inspection.refusals_of(spec, many=request.scenes is not None):
            raise refusals[0]
        spec = inspection.with_warnings(spec)
        job = build_job(build_video(components, workspace, request, spec), spec, no_cache=request.no_cache)
        return (await components.ledger.create([job], claimed(job.video.id)))[0]

    async def find(video_id: str) -> Job | None:
        async with components.pool.acquire() as connection:
            return await repository.find_job(connection, workspace, video_id)

    key = idempotency_key
    claim = Claim(workspace, key, request_hash(request, holdings.assets)) if key else None
    return await made_once(components, claim, make, find)


def request_hash(request: VideoRequest, known: Mapping[str, Asset]) -> bytes:
    """Files count by their content: a client that tries again uploads them again."""
    text = request.model_dump_json()
    for asset_id, asset in known.items():
        text = text.replace(f'"{asset_id}"', f'"{asset.artifact.sha256}"')
    return hashlib.sha256(f"videos\n{text}".encode()).digest()


def build_video(components: Components, workspace: str, request: VideoRequest, spec: VideoSpec) -> Video:
    return Video(
        id=new_video_id(),
        workspace_id=workspace,
        status=VideoStatus.QUEUED,
        model=spec.scenes[0].engine.name,
        prompt=SCRIPT_SEPARATOR.join(texts_of(request)),
        width=spec.output.width,
        height=spec.output.height,
        created_at=components.clock(),
        priority=request.priority_class,
        traceparent=current_traceparent(),
        warnings=spec.warnings,
    )


def build_job(video: Video, spec: VideoSpec, *, no_cache: bool) -> Job:
    stages = (
        build_stage(video, ordinal, planned, no_cache=no_cache) for ordinal, planned in enumerate(plan(spec))
    )
    return Job(video, tuple(stages))


def build_stage(video: Video, ordinal: int, planned: PlannedStage, *, no_cache: bool) -> Stage:
    return Stage(
        id=new_stage_id(),
        video_id=video.id,
        workspace_id=video.workspace_id,
        ordinal=ordinal,
        name=planned.name,
        service=planned.engine.service,
        engine=planned.engine.name,
        engine_version=planned.engine.version,
        parameters=planned.parameters,
        inputs=planned.inputs,
        timeout_seconds=planned.engine.limits.stage_timeout_seconds,
        priority=video.priority,
        submitted_at=video.created_at,
        no_cache=no_cache,
    )


def new_video_id() -> str:
    return f"video_{secrets.token_hex(12)}"


def new_stage_id() -> str:
    return f"stage_{secrets.token_hex(12)}"
