"""Copies of failed jobs: the same specification, with no stage started."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from services.gateway.jobs.domain.copy_for_redrive import copy_for_redrive
from services.gateway.jobs.domain.lost_artifact import with_repairs
from services.gateway.jobs.domain.models import Failure, Job, JobStatus, Priority, StageState
from tests.unit.gateway.jobs.job_examples import NOW, build_job

S = StageState
LATER = NOW + timedelta(hours=1)
FAILED = Failure("worker_lost", "It fell silent.")


def copied(job: Job, version: str = "1") -> Job:
    numbers = count(1)
    return copy_for_redrive(
        job,
        job_id="video_2",
        new_stage_id=lambda: f"new-{next(numbers)}",
        versions={("tts", "engine"): version},
        now=LATER,
    )


def failed_job() -> Job:
    job = build_job(tts=S.COMPLETED, video=S.FAILED)
    record = replace(
        job.record, status=JobStatus.FAILED, failure=FAILED, priority=Priority.BATCH, custom_id="c"
    )
    broken = replace(job.stages[1], failure=FAILED, failures={"worker_lost": 4}, attempt=4, action_key="key")
    return Job(record, (job.stages[0], broken, job.stages[2]))


def test_no_stage_of_the_copy_has_started():
    made = copied(failed_job())
    assert [(stage.state, stage.attempt, stage.outputs, stage.failures) for stage in made.stages] == [
        (S.WAITING, 1, {}, {})
    ] * 3
    assert all(stage.action_key is None and stage.failure is None for stage in made.stages)
    assert (made.record.status, made.record.failure, made.record.progress) == (JobStatus.QUEUED, None, 0)


def test_the_copy_has_the_same_specification():
    old = failed_job()
    made = copied(old)
    for before, after in zip(old.stages, made.stages, strict=True):
        for name in ("name", "service", "engine", "engine_version", "parameters", "inputs", "ordinal"):
            assert getattr(after, name) == getattr(before, name)
    assert (made.record.kind, made.record.spec) == (old.record.kind, old.record.spec)


def test_the_copy_is_a_new_job_that_names_the_old_one():
    made = copied(failed_job())
    assert (made.record.id, made.record.redriven_from, made.record.custom_id) == ("video_2", "video_1", "c")
    assert (made.record.created_at, made.record.batch_id) == (LATER, None)
    assert {stage.job_id for stage in made.stages} == {"video_2"}
    assert [stage.id for stage in made.stages] == ["new-1", "new-2", "new-3"]
    assert {(stage.priority, stage.turn_at) for stage in made.stages} == {(Priority.BATCH, LATER)}


def test_the_copy_uses_the_current_engine_versions():
    assert [stage.engine_version for stage in copied(failed_job(), version="2").stages] == ["2", "1", "1"]


def test_repair_stages_are_not_copied():
    job = build_job(tts=S.COMPLETED)
    repaired = with_repairs(job, job.stages[0].outputs["speech"].key)
    assert len(repaired.stages) == 4
    made = copied(repaired)
    assert [stage.name for stage in made.stages] == [stage.name for stage in job.stages]
    assert [stage.inputs for stage in made.stages] == [stage.inputs for stage in job.stages]
