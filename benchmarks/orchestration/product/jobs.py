"""Videos of four stages, each of which takes what the one before has made."""

import secrets

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.product.engine import OUTPUT, SPEC
from services.gateway.jobs.domain.models import Job, JobStatus, Stage, StageOutput, Video
from services.gateway.wiring import BOOTSTRAP_WORKSPACE, utc_now


def build_job(job_id: str) -> Job:
    """No two have a stage in common: nothing is known from before."""
    video = Video(
        id=job_id,
        workspace_id=BOOTSTRAP_WORKSPACE,
        status=JobStatus.QUEUED,
        model=SPEC.name,
        prompt="",
        width=512,
        height=512,
        created_at=utc_now(),
    )
    return Job(video, tuple(build_stage(video, number) for number in range(STAGES)))


def build_stage(video: Video, number: int) -> Stage:
    return Stage(
        id=f"stage_{secrets.token_hex(12)}",
        job_id=video.id,
        workspace_id=video.workspace_id,
        ordinal=number,
        name=f"stage-{number}",
        service=SPEC.service,
        engine=SPEC.name,
        engine_version=SPEC.version,
        parameters={"text": f"{video.id}, stage {number}", "speed": 1.0},
        inputs={OUTPUT: StageOutput(f"stage-{number - 1}", OUTPUT)} if number else {},
        timeout_seconds=SPEC.limits.stage_timeout_seconds,
        submitted_at=video.created_at,
    )
