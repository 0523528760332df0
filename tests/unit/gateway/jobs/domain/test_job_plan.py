"""Plans that could never run are the fault of their kind."""

from dataclasses import replace

import pytest

from services.gateway.jobs.domain.job_plan import JobIdentity, JobPlan, PlannedStage, build_job
from services.gateway.jobs.domain.models import JobStatus, StageOutput, StageState
from tests.unit.gateway.jobs.job_examples import MUX, NOW, TTS

SPEECH = PlannedStage("tts", TTS, {"text": "Hi."}, {}, weight=3.0)
FILE = PlannedStage("mux", MUX, {}, {"speech.0": StageOutput("tts", "speech")})
IDENTITY = JobIdentity(id="video_1", kind="video", workspace_id="default", created_at=NOW, custom_id="c")


def test_a_plan_becomes_a_job_of_which_nothing_has_begun():
    job = build_job(IDENTITY, JobPlan({"request": {}}, (SPEECH, FILE), metadata={"a": "b"}))
    assert (job.record.status, job.record.custom_id, job.record.metadata) == (
        JobStatus.QUEUED,
        "c",
        {"a": "b"},
    )
    assert [(stage.name, stage.state, stage.weight, stage.ordinal) for stage in job.stages] == [
        ("tts", StageState.WAITING, 3.0, 0),
        ("mux", StageState.WAITING, 1.0, 1),
    ]


@pytest.mark.parametrize(
    "stages",
    [
        (),
        (SPEECH, SPEECH),
        (FILE, SPEECH),
        (replace(SPEECH, name="tts#2"),),
        (replace(SPEECH, weight=0.0),),
    ],
    ids=["none", "same name", "wrong order", "name of a copy", "no weight"],
)
def test_a_plan_that_could_never_run_is_refused(stages: tuple[PlannedStage, ...]):
    with pytest.raises(ValueError, match="The kind 'video' has planned"):
        build_job(IDENTITY, JobPlan({}, stages))
