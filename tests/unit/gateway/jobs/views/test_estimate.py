"""Estimates of the time until a job is done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.jobs.domain.models import Job, JobStatus, StageState
from services.gateway.jobs.views.estimate import estimate
from services.gateway.jobs.views.queue_snapshot import EngineKey, EngineSnapshot, QueueSnapshot
from tests.unit.gateway.jobs.job_examples import NOW, build_job

S = StageState
KEYS = [("tts", "engine"), ("video", "engine"), ("mux", "engine")]
USUAL = dict(zip(KEYS, (1.0, 10.0, 2.0), strict=True))


def snapshot(changed: EngineKey | None = None, **changes: Any) -> QueueSnapshot:
    """Returns a snapshot in which each engine has a slot, a history and no work; one engine is changed."""
    engines = {key: EngineSnapshot(slots=1, run_seconds=seconds) for key, seconds in USUAL.items()}
    if changed:
        engines[changed] = replace(engines[changed], **changes)
    return QueueSnapshot(engines)


def test_the_usual_run_times_of_all_stages_are_added():
    assert estimate(build_job(), snapshot(), NOW) == 13.0


def test_completed_stages_do_not_count():
    assert estimate(build_job(tts=S.COMPLETED, video=S.COMPLETED), snapshot(), NOW) == 2.0


@pytest.mark.parametrize(("progress", "seconds"), [(0.5, 4.0 + 2.0), (0.8, 1.0 + 2.0), (0.0, 6.0 + 2.0)])
def test_a_running_stage_is_estimated_from_its_own_pace(progress: float, seconds: float):
    job = build_job(tts=S.COMPLETED, video=S.RUNNING)
    running = replace(job.stages[1], started_at=NOW - timedelta(seconds=4), progress=progress)
    stages = (job.stages[0], running, job.stages[2])
    assert estimate(Job(job.record, stages), snapshot(), NOW) == seconds


def test_the_queue_ahead_counts_and_is_shared_by_the_slots():
    ahead = {"running": 1, "queued": ("a",), "ready": 3}
    assert estimate(build_job(), snapshot(KEYS[1], **ahead), NOW) == 13.0 + 4 * 10.0
    assert estimate(build_job(), snapshot(KEYS[1], slots=2, **ahead), NOW) == 13.0 + 20.0


@pytest.mark.parametrize(
    "unknown",
    [QueueSnapshot(), snapshot(KEYS[2], slots=0), snapshot(KEYS[0], run_seconds=None)],
)
def test_there_is_no_estimate_without_a_worker_or_a_history(unknown: QueueSnapshot):
    assert estimate(build_job(), unknown, NOW) is None


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_an_ended_job_takes_no_more_time(status: JobStatus):
    job = build_job()
    assert estimate(Job(replace(job.record, status=status), job.stages), QueueSnapshot(), NOW) == 0.0
