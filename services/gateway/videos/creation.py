"""From a request to a stored job."""

import secrets

from services.chassis.telemetry import current_traceparent
from services.gateway.assets import repository as assets
from services.gateway.components import Components
from services.gateway.videos.plan import PlannedStage, plan
from services.gateway.videos.records import Job, Stage, Video, VideoStatus
from services.gateway.videos.resolve import Resolver, asset_ids, scripts_of
from services.gateway.videos.schemas import VideoRequest
from services.gateway.videos.spec import VideoSpec

SCRIPT_SEPARATOR = "\n\n"


async def create_video(components: Components, workspace: str, request: VideoRequest) -> Job:
    """Validate, plan, and store the video with its stages and the first commands in one transaction."""
    async with components.pool.acquire() as connection:
        known = await assets.find(connection, workspace, sorted(asset_ids(request)))
    spec = Resolver(request, known, components.catalogue, components.settings).resolve()
    await inspect_portraits(components, spec)
    job = build_job(components, workspace, request, spec)
    return (await components.ledger.create([job]))[0]


async def inspect_portraits(components: Components, spec: VideoSpec) -> None:
    distinct = {
        (scene.engine.name, scene.portrait.sha256, str(scene.landmarks)): scene for scene in spec.scenes
    }
    for scene in distinct.values():
        await components.portraits.inspect(scene.engine.name, scene.portrait, scene.landmarks)


def build_job(components: Components, workspace: str, request: VideoRequest, spec: VideoSpec) -> Job:
    now = components.clock()
    video = Video(
        id=f"video_{secrets.token_hex(12)}",
        workspace_id=workspace,
        status=VideoStatus.QUEUED,
        model=spec.scenes[0].engine.name,
        prompt=SCRIPT_SEPARATOR.join(scripts_of(request)),
        width=spec.output.width,
        height=spec.output.height,
        created_at=now,
        priority=request.priority_class,
        traceparent=current_traceparent(),
    )
    stages = tuple(
        build_stage(video, ordinal, planned, no_cache=request.no_cache)
        for ordinal, planned in enumerate(plan(spec))
    )
    return Job(video, stages)


def build_stage(video: Video, ordinal: int, planned: PlannedStage, *, no_cache: bool) -> Stage:
    return Stage(
        id=f"stage_{secrets.token_hex(12)}",
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
