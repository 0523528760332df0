"""A job's status, progress and failure, from its stages."""

from dataclasses import replace

import pytest

from services.gateway.jobs.domain.job_status import advance, inputs_from, job_progress, length_of_last_stage
from services.gateway.jobs.domain.models import Failure, Job, JobStatus, StageState
from tests.unit.gateway.jobs.job_examples import NOW, build_artifact, build_job, build_stage

S = StageState


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ({}, JobStatus.QUEUED),
        ({"tts": S.QUEUED}, JobStatus.QUEUED),
        ({"tts": S.COMPLETED}, JobStatus.IN_PROGRESS),
        ({"tts": S.COMPLETED, "video": S.FAILED}, JobStatus.FAILED),
        ({"tts": S.COMPLETED, "video": S.COMPLETED, "mux": S.QUEUED}, JobStatus.IN_PROGRESS),
        ({"tts": S.COMPLETED, "video": S.COMPLETED, "mux": S.COMPLETED}, JobStatus.COMPLETED),
    ],
)
def test_the_status_follows_from_the_stages(states: dict[str, StageState], status: JobStatus):
    assert advance(build_job(**states), NOW, length_of_last_stage).status is status


def test_a_running_stage_puts_the_job_in_progress():
    job = build_job(tts=S.RUNNING)
    started = replace(job, stages=(replace(job.stages[0], started_at=NOW), *job.stages[1:]))
    assert advance(started, NOW, length_of_last_stage).status is JobStatus.IN_PROGRESS


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_terminal_job_never_changes(status: JobStatus):
    job = build_job(tts=S.COMPLETED, video=S.FAILED)
    ended = Job(replace(job.record, status=status), job.stages)
    assert advance(ended, NOW, length_of_last_stage) is ended.record


def test_a_failed_job_names_the_stage_and_the_reason():
    job = build_job(tts=S.COMPLETED, video=S.FAILED)
    failed = replace(job.stages[1], failure=Failure("face_not_found", "No face."))
    failure = advance(
        Job(job.record, (job.stages[0], failed, job.stages[2])), NOW, length_of_last_stage
    ).failure
    assert failure == Failure("face_not_found", "Stage scene-0/video (engine): No face.")


def test_a_missing_output_fails_the_job():
    job = build_job(tts=S.COMPLETED)
    empty = replace(job.stages[0], outputs={"timeline": build_artifact("t")})
    record = advance(Job(job.record, (empty, *job.stages[1:])), NOW, length_of_last_stage)
    assert record.status is JobStatus.FAILED
    assert record.failure is not None
    assert "scene-0/tts (engine) has made no speech" in record.failure.message


def test_progress_does_not_fall_when_a_stage_starts_over():
    job = build_job(tts=S.COMPLETED)
    further = Job(replace(job.record, progress=60), job.stages)
    assert advance(further, NOW, length_of_last_stage).progress == 60


def test_only_completion_is_a_hundred_percent():
    stages = tuple(replace(stage, progress=1.0) for stage in build_job(tts=S.RUNNING).stages)
    assert job_progress(stages) == 99


def test_the_seconds_of_the_job_are_those_of_its_last_stage():
    job = build_job(tts=S.COMPLETED, video=S.COMPLETED, mux=S.COMPLETED)
    stages = (*job.stages[:2], replace(job.stages[2], media_seconds=3.5))
    assert advance(Job(job.record, stages), NOW, length_of_last_stage).result == {"seconds": 3.5}


def test_a_stage_waits_until_its_producers_have_completed():
    video = build_job().stages[1]
    assert inputs_from(video, {}) is None
    assert inputs_from(video, {"scene-0/tts": {"timeline": build_artifact("t")}}) is None
    speech = build_artifact("s")
    assert inputs_from(video, {"scene-0/tts": {"speech": speech}}) == {
        "portrait": build_artifact("p"),
        "speech": speech,
    }


def test_a_stage_without_inputs_can_start_at_once():
    assert inputs_from(build_stage(), {}) == {}


def test_a_kind_that_cannot_tell_its_result_fails_its_job_only():
    def broken(job: Job) -> dict[str, object]:
        raise KeyError("rows")

    ended = advance(build_job(tts=S.COMPLETED, video=S.COMPLETED, mux=S.COMPLETED), NOW, broken)
    assert ended.status is JobStatus.FAILED
    assert ended.failure is not None and "'video' cannot tell its result: KeyError" in ended.failure.message
