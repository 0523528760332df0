"""Explanations of stages and jobs, for every state of the stage and its engine."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.jobs.domain.models import Failure, Job, JobRecord, JobStatus, Stage, StageState
from services.gateway.jobs.views.explain import explain_job, explain_stage
from services.gateway.jobs.views.queue_snapshot import (
    QUEUE_LIMIT,
    EngineSnapshot,
    QueuePosition,
    QueueSnapshot,
)
from tests.unit.gateway.jobs.job_examples import NOW, build_job, build_record, build_stage

S = StageState
TTS = ("tts", "engine")
ENGINES = {(service, "engine"): EngineSnapshot(frozenset({"w1"})) for service in ("tts", "video", "mux")}
RUNNING = {"state": S.RUNNING, "worker_id": "w1", "started_at": NOW}
CRASHED = Failure("engine_crashed", "It died.")
RETRYING = {
    "state": S.RETRYING,
    "attempt": 3,
    "failures": {"engine_crashed": 2},
    "failure": CRASHED,
    "not_before": NOW + timedelta(seconds=3.25),
}


def snapshot(
    position: QueuePosition | None = None, in_flight: set[str] | None = None, **tts: Any
) -> QueueSnapshot:
    """Returns a snapshot in which every engine has the worker w1. `tts` changes that service's engine."""
    return QueueSnapshot(
        engines={**ENGINES, TTS: replace(ENGINES[TTS], **tts)},
        positions={(TTS, "video_1"): position} if position else {},
        in_flight={("default", "key"): in_flight} if in_flight else {},
        failure_limits={"engine_crashed": 4},
    )


def explained(stage: Stage, seen: QueueSnapshot, *others: Stage) -> tuple[str, str] | None:
    found = explain_stage(stage, Job(build_record(), (stage, *others)), seen, NOW)
    return (found.code.name.lower(), found.message) if found else None


@pytest.mark.parametrize(
    ("position", "engine", "message"),
    [
        (QueuePosition(0, 1), {"ready": 1}, "Next on tts/engine, which has 1 live worker."),
        (
            QueuePosition(0, 1),
            {"ready": 1, "running": 1},
            "Behind 1 stage on tts/engine, which has 1 live worker.",
        ),
        (
            QueuePosition(3, 9),
            {"ready": 9, "running": 1, "queued": ("a", "b"), "workers": frozenset({"w1", "w2"})},
            "Behind 6 stages on tts/engine, which has 2 live workers.",
        ),
        (
            QueuePosition(3, 9),
            {"ready": 20},
            "Behind about 3 stages on tts/engine, which has 1 live worker.",
        ),
        (
            None,
            {"ready": QUEUE_LIMIT},
            f"Behind more than {QUEUE_LIMIT} stages on tts/engine, which has 1 live worker.",
        ),
        (None, {"ready": 5}, "Next on tts/engine, which has 1 live worker."),
    ],
)
def test_a_ready_stage_names_the_stages_before_it(
    position: QueuePosition | None, engine: dict[str, Any], message: str
):
    stage = build_stage(state=S.READY, action_key="key")
    assert explained(stage, snapshot(position, **engine)) == ("queued_behind", message)


def test_earlier_ready_stages_of_the_same_job_count_too():
    first, second = (build_stage(f"scene-{number}/tts", state=S.READY) for number in range(2))
    found = explain_stage(
        second, Job(build_record(), (first, second)), snapshot(QueuePosition(2, 4), ready=4), NOW
    )
    assert found is not None and found.message.startswith("Behind 3 stages")


def test_a_queued_stage_names_the_stages_before_it_on_the_bus():
    stage = build_stage(state=S.QUEUED)
    seen = snapshot(running=1, queued=("other", stage.id, "another"))
    assert explained(stage, seen) == (
        "queued_behind",
        "Behind 2 stages on tts/engine, which has 1 live worker.",
    )


@pytest.mark.parametrize("state", [S.READY, S.QUEUED])
def test_a_stage_without_a_worker_says_how_to_start_one(state: StageState):
    assert explained(build_stage(state=state), snapshot(workers=frozenset(), running=3)) == (
        "no_worker",
        "No live worker hosts tts/engine. Start one with `LIKENESS_ENGINES=engine python -m services.tts`.",
    )


@pytest.mark.parametrize(
    ("stage", "in_flight", "code"),
    [
        ({"state": S.READY}, {"other"}, "same_work_running"),
        ({"state": S.READY, "no_cache": True}, {"other"}, "queued_behind"),
        ({"state": S.READY}, {"id-scene-0/tts"}, "queued_behind"),
        ({"state": S.QUEUED}, {"other", "id-scene-0/tts"}, "queued_behind"),
    ],
)
def test_a_stage_waits_for_the_same_result_that_is_being_made(
    stage: dict[str, Any], in_flight: set[str], code: str
):
    found = explained(build_stage(action_key="key", **stage), snapshot(in_flight=in_flight))
    assert found is not None and found[0] == code


@pytest.mark.parametrize(
    ("stage", "explanation"),
    [
        (RUNNING, ("running", "Running on worker w1 since 2026-01-01 00:00:00 UTC, attempt 1.")),
        (
            RUNNING | {"worker_id": "w9", "lease_expires_at": NOW + timedelta(seconds=40)},
            (
                "lost",
                "Worker w9 has fallen silent. Unless it speaks again, its stage is lost in 40.0 s, "
                "and runs elsewhere.",
            ),
        ),
        (
            RETRYING,
            ("retrying", "Tries again in 3.2 s after engine_crashed (It died.), attempt 3 of 4."),
        ),
        (
            RETRYING | {"not_before": NOW - timedelta(seconds=1), "failure": Failure("odd", "?")},
            ("retrying", "Tries again in 0.0 s after odd (?), attempt 1."),
        ),
        ({"state": S.COMPLETED}, None),
        ({"state": S.FAILED}, None),
        ({"state": S.CANCELLED}, None),
    ],
)
def test_explanations_of_the_other_states(stage: dict[str, Any], explanation: tuple[str, str] | None):
    assert explained(build_stage(**stage), snapshot()) == explanation


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ({}, "Waits for scene-0/tts."),
        ({"tts": S.RUNNING}, "Waits for scene-0/tts."),
        ({"tts": S.COMPLETED}, "Its inputs have just been made."),
    ],
)
def test_a_waiting_stage_names_what_it_waits_for(states: dict[str, StageState], message: str):
    job = build_job(**states)
    found = explain_stage(job.stages[1], job, snapshot(), NOW)
    assert found is not None and (found.code.name, found.message) == ("WAITING_FOR_INPUTS", message)


def test_a_waiting_stage_says_early_that_its_engine_has_no_worker():
    job = build_job()
    found = explain_stage(job.stages[1], job, QueueSnapshot(), NOW)
    assert found is not None and "Waits for scene-0/tts. No live worker hosts video/engine." in found.message


@pytest.mark.parametrize(
    ("states", "tts", "code"),
    [
        ({"tts": S.RUNNING}, RUNNING, "running"),
        ({"tts": S.READY}, {}, "queued_behind"),
        ({"tts": S.RETRYING}, RETRYING, "retrying"),
        ({}, {}, "waiting_for_inputs"),
    ],
)
def test_a_job_has_the_explanation_of_its_most_relevant_stage(
    states: dict[str, StageState], tts: dict[str, Any], code: str
):
    job = build_job(**states)
    job = replace(job, stages=(replace(job.stages[0], **tts), *job.stages[1:]))
    explanations = [explain_stage(stage, job, snapshot(), NOW) for stage in job.stages]
    found = explain_job(job, explanations)
    assert found is not None and found.code.name.lower() == code
    assert found.message.startswith("scene-0/")


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_an_ended_job_has_no_explanation(status: JobStatus):
    record: JobRecord = build_record(status=status)
    job = Job(record, build_job(tts=S.RUNNING).stages)
    explanations = [explain_stage(stage, job, snapshot(), NOW) for stage in job.stages]
    assert explanations == [None, None, None]
    assert explain_job(job, explanations) is None
