"""Builds jobs of four stages, each of which takes the output of the one before."""

import secrets

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.product.engine import OUTPUT, SPEC
from services.gateway.jobs.domain.models import Job, JobRecord, JobStatus, Stage, StageOutput
from services.gateway.wiring import BOOTSTRAP_WORKSPACE, utc_now

KIND = "video"
"""A kind that the gateway knows. These jobs are never planned or shown."""


def build_job(job_id: str) -> Job:
    """Returns a job that has no stage in common with any other: no result is reused."""
    record = JobRecord(
        id=job_id,
        kind=KIND,
        workspace_id=BOOTSTRAP_WORKSPACE,
        status=JobStatus.QUEUED,
        spec={
            "model": SPEC.name,
            "prompt": job_id,
            "width": 512,
            "height": 512,
            "request": {"script": job_id},
        },
        created_at=utc_now(),
    )
    return Job(record, tuple(build_stage(record, number) for number in range(STAGES)))


def build_stage(record: JobRecord, number: int) -> Stage:
    return Stage(
        id=f"stage_{secrets.token_hex(12)}",
        job_id=record.id,
        workspace_id=record.workspace_id,
        ordinal=number,
        name=f"stage-{number}",
        service=SPEC.service,
        engine=SPEC.name,
        engine_version=SPEC.version,
        parameters={"text": f"{record.id}, stage {number}", "speed": 1.0},
        inputs={OUTPUT: StageOutput(f"stage-{number - 1}", OUTPUT)} if number else {},
        timeout_seconds=SPEC.limits.stage_timeout_seconds,
        turn_at=record.created_at,
    )
