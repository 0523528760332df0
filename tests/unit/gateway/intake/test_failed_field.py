"""Tests which field of a request a failed job names."""

from dataclasses import replace
from typing import Any

import pytest

from services.gateway.audio.kind import AUDIO
from services.gateway.intake.failed_field import failed_field
from services.gateway.jobs.domain.models import Failure, Job, JobStatus, StageState
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.kinds import Kinds
from services.gateway.jobs.views.queue_snapshot import QueueSnapshot
from services.gateway.jobs.views.serialize import JobView
from services.gateway.videos.kind import VIDEO
from tests.unit.gateway.jobs.job_examples import NOW, build_record, build_stage

ONE, SPOKEN_PROMPT = {"script": "x", "scenes": None}, {"prompt": "x", "script": None, "scenes": None}
SHARED: dict[str, Any] = {
    "image": "asset_1",
    "conversion": {"engine": "world"},
    "effects": ["radio"],
    "scenes": [{"script": "x"}],
}
OWN: dict[str, Any] = {
    **SHARED,
    "scenes": [{"script": "x", "image": "asset_2", "conversion": {}, "effects": ["echo"]}],
}
MANY = {"script": None, "scenes": [{"script": "x"}, {"audio": "asset_1"}, {"script": "y"}]}


def failed(stage: str, request: dict[str, Any] | None, reason: str = "invalid_argument") -> Job:
    record = build_record()
    failure = Failure(reason, "It cannot be done.")
    return Job(
        replace(
            record, status=JobStatus.FAILED, failure=failure, spec=dict(record.spec) | {"request": request}
        ),
        (
            build_stage("scene-0/tts", state=StageState.COMPLETED),
            build_stage(stage, state=StageState.FAILED, failure=failure),
        ),
    )


@pytest.mark.parametrize(
    ("job", "field"),
    [
        (failed("scene-0/tts", ONE), "script"),
        (failed("scene-0/tts#2", ONE), "script"),
        (failed("scene-0/tts", SPOKEN_PROMPT), "prompt"),
        (failed("scene-2/tts", MANY), "scenes.2.script"),
        (failed("scene-1/align", MANY, "media_unreadable"), "scenes.1.audio"),
        (failed("scene-1/voice", MANY), "scenes.1.conversion"),
        (failed("scene-1/effects", MANY), "scenes.1.effects"),
        (failed("scene-1/video", MANY, "face_not_found"), "scenes.1.image"),
        (failed("scene-0/video", SHARED, "face_not_found"), "image"),
        (failed("scene-0/voice", SHARED), "conversion"),
        (failed("scene-0/effects", SHARED), "effects"),
        (failed("scene-0/video", OWN, "face_not_found"), "scenes.0.image"),
        (failed("scene-0/voice", OWN), "scenes.0.conversion"),
        (failed("scene-0/effects", OWN), "scenes.0.effects"),
        (failed("scene-0/video", {"script": "x", "avatar": "avatar_1"}, "face_not_found"), "avatar"),
        (failed("scene-0/video", {"avatar": {}, "scenes": [{"script": "x"}]}, "face_not_found"), "avatar"),
        (
            failed("scene-0/video", {**SHARED, "scenes": [{"avatar": "avatar_1"}]}, "face_not_found"),
            "scenes.0.avatar",
        ),
        (failed("mux", MANY), None),
        (failed("scene-2/tts", MANY, "engine_crashed"), None),
        (failed("scene-2/tts", None), None),
        (Job(build_record(), (build_stage(),)), None),
    ],
)
def test_the_field_of_the_failed_stage(job: Job, field: str | None):
    assert failed_field(job) == field


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_a_failed_job_is_shown_with_the_field(kind: str):
    job = failed("scene-2/tts", MANY)
    job = replace(job, record=replace(job.record, kind=kind, spec=dict(job.record.spec) | {"format": "mp3"}))
    shown = Kinds((VIDEO, AUDIO)).present(job, JobView(QueueSnapshot(), Forecast(), {}, NOW))
    assert shown.error is not None
    assert (shown.error.code, shown.error.param) == ("invalid_argument", "scenes.2.script")
