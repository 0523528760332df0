"""Lost artifacts are made again by a copy of the stage that had made them."""

from dataclasses import replace

import pytest

from services.gateway.jobs.domain.lost_artifact import is_repairable, with_repairs
from services.gateway.jobs.domain.models import CacheUse, Job, Priority, Stage, StageOutput, StageState
from tests.unit.gateway.jobs.job_examples import NOW, build_artifact, build_job

LOST = "default/sha256/tts-out"
C, F, R = StageState.COMPLETED, StageState.FAILED, StageState.RUNNING


def stages(job: Job) -> dict[str, Stage]:
    return {stage.name: stage for stage in job.stages}


def speech_of(job: Job, consumer: str = "scene-0/video") -> str:
    source = stages(job)[consumer].inputs["speech"]
    assert isinstance(source, StageOutput)
    return source.stage


@pytest.mark.parametrize(("missing", "awaits"), [(LOST, True), ("default/sha256/p", False), ("", False)])
def test_only_the_output_of_a_stage_is_repairable(missing: str, awaits: bool):
    """The portrait is the user's own."""
    assert is_repairable(stages(build_job())["scene-0/video"], missing) is awaits


def test_the_consumer_waits_for_the_copy():
    job = with_repairs(build_job(tts=C, video=R), LOST)
    assert [stage.name for stage in job.stages] == ["scene-0/tts", "scene-0/tts#2", "scene-0/video", "mux"]
    assert speech_of(job) == "scene-0/tts#2"


def test_the_copy_does_the_same_work_from_the_beginning():
    job = build_job(tts=C, video=R)
    lost = replace(
        job.stages[0],
        ordinal=4,
        priority=Priority.BATCH,
        parameters={"text": "Hi."},
        attempt=3,
        cache=CacheUse.HIT,
        billable=True,
        worker_id="w1",
        failures={"engine_crashed": 2},
        completed_at=NOW,
    )
    copy = with_repairs(replace(job, stages=(lost, *job.stages[1:])), LOST).stages[1]
    fresh = ("parameters", "inputs", "engine", "engine_version", "ordinal", "priority", "turn_at", "quantity")
    assert [getattr(copy, name) for name in fresh] == [getattr(lost, name) for name in fresh]
    assert (copy.id, copy.state, copy.attempt, copy.outputs) == (f"{lost.id}.2", "waiting", 1, {})
    assert (copy.cache, copy.billable, copy.failures, copy.worker_id) == (None, False, {}, None)


def test_the_original_stage_does_not_change():
    job = build_job(tts=C, video=R)
    assert with_repairs(job, LOST).stages[0] is job.stages[0]


def test_there_is_only_one_copy_at_a_time():
    job = with_repairs(build_job(tts=C, video=R), LOST)
    assert with_repairs(job, LOST) is job


def test_the_output_of_the_copy_may_be_lost_too():
    job = with_repairs(build_job(tts=C, video=R), LOST)
    made = {"speech": build_artifact("tts-out")}
    done = tuple(
        replace(stage, state=C, outputs=made) if stage.name == "scene-0/tts#2" else stage
        for stage in job.stages
    )
    again = with_repairs(replace(job, stages=done), LOST)
    assert [stage.id for stage in again.stages][:3] == [
        "id-scene-0/tts",
        "id-scene-0/tts.2",
        "id-scene-0/tts.3",
    ]
    assert speech_of(again) == "scene-0/tts#3"


@pytest.mark.parametrize("state", [C, F, StageState.CANCELLED])
def test_an_ended_consumer_needs_no_copy(state: StageState):
    job = build_job(tts=C, video=state)
    assert with_repairs(job, LOST) is job


def test_an_object_that_no_stage_of_the_job_has_made_changes_nothing():
    job = build_job(tts=C, video=R)
    assert with_repairs(job, "default/sha256/of-another-job") is job


def test_every_stage_that_made_the_same_object_is_copied():
    """Two scenes may have the same script."""
    first = build_job(tts=C, video=R).stages
    second = [
        replace(stage, id=stage.id.replace("0", "1"), name=stage.name.replace("0", "1"))
        for stage in first[:2]
    ]
    second[1] = replace(second[1], inputs={"speech": StageOutput("scene-1/tts", "speech")})
    job = with_repairs(Job(build_job().record, (*first[:2], *second, first[2])), LOST)
    assert {"scene-0/tts#2", "scene-1/tts#2"} <= stages(job).keys()
    assert speech_of(job, "scene-1/video") == "scene-1/tts#2"


def test_missing_inputs_of_the_copy_are_made_again_too():
    """The video is gone, and when the copy of its stage runs the speech is gone as well."""
    job = with_repairs(build_job(tts=C, video=C, mux=R), "default/sha256/video-out")
    job = with_repairs(job, LOST)
    assert speech_of(job, "scene-0/video#2") == "scene-0/tts#2"
    assert speech_of(job, "scene-0/video") == "scene-0/tts"
