"""Events for clients, from changes of a job."""

from dataclasses import replace

from services.gateway.jobs.domain.client_events import StageEventType, describe, event_types, status_event
from services.gateway.jobs.domain.models import Job, JobStatus, StageState
from tests.unit.gateway.jobs.job_examples import build_job

S = StageState


def with_stage(job: Job, **changes: object) -> Job:
    return replace(job, stages=(replace(job.stages[0], **changes), *job.stages[1:]))


def kinds(before: Job, after: Job) -> list[str]:
    stages = zip(before.stages, after.stages, strict=True)
    return [event.type for event in describe(before.record, after.record, stages)]


def test_the_event_of_a_new_job_has_its_status():
    assert status_event(build_job().record).type == "video.queued"


def test_a_stage_that_was_just_added_has_no_event():
    job = build_job(tts=S.RUNNING)
    assert describe(job.record, job.record, [(None, job.stages[0])]) == []


def test_no_change_has_no_event():
    job = build_job(tts=S.RUNNING)
    assert kinds(job, job) == []


def test_a_change_of_state_attempt_or_worker_has_an_event():
    job = build_job(tts=S.RUNNING)
    assert kinds(job, with_stage(job, state=S.COMPLETED)) == ["stage.completed"]
    assert kinds(job, with_stage(job, attempt=2)) == ["stage.running"]
    assert kinds(job, with_stage(job, worker_id="w2")) == ["stage.running"]


def test_progress_has_an_event_for_whole_percents():
    job = with_stage(build_job(tts=S.RUNNING), progress=0.101)
    assert kinds(job, with_stage(job, progress=0.109)) == []
    assert kinds(job, with_stage(job, progress=0.111)) == ["stage.progress"]


def test_the_jobs_event_follows_those_of_its_stages():
    before = build_job(tts=S.RUNNING)
    after = with_stage(before, state=S.FAILED)
    failed = replace(after, record=replace(after.record, status=JobStatus.FAILED))
    assert kinds(before, failed) == ["stage.failed", "video.failed"]


def test_every_state_of_a_stage_has_a_type_of_event():
    assert {StageEventType.of(state) for state in StageState} == {*StageEventType} - {StageEventType.PROGRESS}


def test_the_types_are_those_of_the_kinds_by_their_names_and_those_of_stages():
    types = [each.value for each in event_types(["video", "banner"])]
    statuses = ("queued", "in_progress", "completed", "failed", "cancelled")
    assert types[:5] == [f"video.{status}" for status in statuses]
    assert types[5:10] == [each.replace("video", "banner") for each in types[:5]]
    assert types[10:] == [each.value for each in StageEventType]
    assert event_types(["video"])("video.failed").name == "VIDEO_FAILED"
