"""Computes when it is a job's turn. Pure."""

from datetime import timedelta

from services.gateway.jobs.domain.fast_replace import fast_replace
from services.gateway.jobs.domain.models import Job

STRETCH = 10.0
"""How many times its own run time a job may wait before it goes before every job that is submitted later."""


def with_turn(job: Job, run_seconds: float) -> Job:
    """Returns the new job with the moment by which it stands in the queues of its workspace.

    The earliest goes first. A short job overtakes a long one that was submitted a while before. No job is
    overtaken for ever: its moment stays while those of new jobs move on. `run_seconds` is how long its stages
    are expected to run.
    """
    turn = job.record.created_at + timedelta(seconds=STRETCH * run_seconds)
    return Job(job.record, tuple(fast_replace(stage, turn_at=turn) for stage in job.stages))
