"""Submits videos with given stage durations, for scenarios that measure."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.engines.instructions import Behaviour, Instructions
from tests.chaos.jobs import Job
from tests.chaos.trial import Trial

BRIEF = {"tts": 0.1, "video": 0.1, "mux": 0.1}


def new_job(seconds: Mapping[str, float], *, scenes: int = 1, workspace: int = 0) -> Job:
    """Returns a job whose stages take `seconds`, by service; a tenth of a second where none are given."""
    job_id = f"job-{secrets.token_hex(6)}"
    behaviours = {service: Behaviour(each) for service, each in (BRIEF | dict(seconds)).items()}
    scene_instructions = [Instructions(job_id, scene, behaviours) for scene in range(scenes)]
    return Job(
        job_id,
        workspace,
        [{"script": instructions.text, "prompt": instructions.text} for instructions in scene_instructions],
    )


async def submit(trial: Trial, job: Job) -> Job:
    video = await trial.api.submit(job.workspace, request_of(trial, job), job.id)
    job.job_id = video["id"]
    return job


def request_of(trial: Trial, job: Job) -> dict[str, Any]:
    head = {"image": trial.api.tenants[job.workspace].portrait, "size": "128x128", "voice": "scripted"}
    return head | (job.scenes[0] if len(job.scenes) == 1 else {"scenes": job.scenes})


async def statuses(trial: Trial, jobs: Sequence[Job]) -> dict[str, str]:
    """Returns the jobs' statuses, by job id."""
    sql = "SELECT id, status FROM jobs WHERE id = ANY($1::text[])"
    return {row["id"]: row["status"] for row in await trial.database.fetch(sql, [job.job_id for job in jobs])}


async def unfinished(trial: Trial, jobs: Sequence[Job]) -> list[str]:
    """Returns the ids of jobs that have not completed."""
    found = await statuses(trial, jobs)
    return [job.job_id for job in jobs if found.get(job.job_id) != "completed"]
