from dataclasses import replace

import pytest

from services.gateway.jobs.domain.job_status import advance, inputs_from, video_progress
from services.gateway.jobs.domain.models import Failure, Job, StageState, VideoStatus
from tests.unit.gateway.jobs.job_examples import NOW, build_artifact, build_job, build_stage

S = StageState


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ({}, VideoStatus.QUEUED),
        ({"tts": S.QUEUED}, VideoStatus.QUEUED),
        ({"tts": S.COMPLETED}, VideoStatus.IN_PROGRESS),
        ({"tts": S.COMPLETED, "video": S.FAILED}, VideoStatus.FAILED),
        ({"tts": S.COMPLETED, "video": S.COMPLETED, "mux": S.QUEUED}, VideoStatus.IN_PROGRESS),
        ({"tts": S.COMPLETED, "video": S.COMPLETED, "mux": S.COMPLETED}, VideoStatus.COMPLETED),
    ],
)
def test_the_status_follows_from_the_stages(states: dict[str, StageState], status: VideoStatus):
    assert advance(build_job(**states), NOW).status is status


def test_a_running_stage_puts_the_video_in_progress():
    job = build_job(tts=S.RUNNING)
    started = replace(job, stages=(replace(job.stages[0], started_at=NOW), *job.stages[1:]))
    assert advance(started, NOW).status is VideoStatus.IN_PROGRESS


@pytest.mark.parametrize("status", [VideoStatus.COMPLETED, VideoStatus.FAILED, VideoStatus.CANCELLED])
def test_a_terminal_video_never_changes(status: VideoStatus):
    job = build_job(tts=S.COMPLETED, video=S.FAILED)
    ended = Job(replace(job.video, status=status), job.stages)
    assert advance(ended, NOW) is ended.video


def test_a_failed_video_names_the_stage_and_the_reason():
    job = build_job(tts=S.COMPLETED, video=S.FAILED)
    failed = replace(job.stages[1], failure=Failure("face_not_found", "No face."))
    failure = advance(Job(job.video, (job.stages[0], failed, job.stages[2])), NOW).failure
    assert failure == Failure("face_not_found", "Stage scene-0/video (engine): No face.")


def test_a_stage_that_made_not_what_the_next_one_needs_fails_the_video():
    job = build_job(tts=S.COMPLETED)
    empty = replace(job.stages[0], outputs={"timeline": build_artifact("t")})
    video = advance(Job(job.video, (empty, *job.stages[1:])), NOW)
    assert video.status is VideoStatus.FAILED
    assert video.failure is not None
    assert "scene-0/tts (engine) has made no speech" in video.failure.message


def test_progress_never_falls_when_a_stage_starts_over():
    job = build_job(tts=S.COMPLETED)
    further = Job(replace(job.video, progress=60), job.stages)
    assert advance(further, NOW).progress == 60


def test_only_completion_is_a_hundred_percent():
    stages = tuple(replace(stage, progress=1.0) for stage in build_job(tts=S.RUNNING).stages)
    assert video_progress(stages) == 99


def test_the_seconds_of_the_video_are_those_of_its_last_stage():
    job = build_job(tts=S.COMPLETED, video=S.COMPLETED, mux=S.COMPLETED)
    stages = (*job.stages[:2], replace(job.stages[2], media_seconds=3.5))
    assert advance(Job(job.video, stages), NOW).seconds == 3.5


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
