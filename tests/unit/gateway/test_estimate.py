from dataclasses import replace
from datetime import timedelta

import pytest

from services.gateway.videos.estimate import Outlook, estimate
from services.gateway.videos.records import Job, StageState, VideoStatus
from tests.unit.gateway.jobs import NOW, build_job

S = StageState
KEYS = [("tts", "engine"), ("video", "engine"), ("mux", "engine")]
USUAL = dict(zip(KEYS, (1.0, 10.0, 2.0), strict=True))
ONE_EACH = dict.fromkeys(KEYS, 1)


def outlook(**changes: object) -> Outlook:
    return replace(Outlook(USUAL, {}, ONE_EACH), **changes)


def test_the_usual_times_of_all_stages_add_up():
    assert estimate(build_job(), outlook(), NOW) == 13.0


def test_what_is_done_counts_no_more():
    assert estimate(build_job(tts=S.COMPLETED, video=S.COMPLETED), outlook(), NOW) == 2.0


@pytest.mark.parametrize(("progress", "seconds"), [(0.5, 4.0 + 2.0), (0.8, 1.0 + 2.0), (0.0, 6.0 + 2.0)])
def test_a_running_stage_is_judged_by_its_own_pace_once_it_has_one(progress: float, seconds: float):
    job = build_job(tts=S.COMPLETED, video=S.RUNNING)
    running = replace(job.stages[1], started_at=NOW - timedelta(seconds=4), progress=progress)
    stages = (job.stages[0], running, job.stages[2])
    assert estimate(Job(job.video, stages), outlook(), NOW) == seconds


def test_the_queue_ahead_counts_and_is_shared_by_the_workers():
    busy = outlook(queued={("video", "engine"): 5})
    assert estimate(build_job(), busy, NOW) == 13.0 + 4 * 10.0
    doubled = replace(busy, concurrency={**ONE_EACH, ("video", "engine"): 2})
    assert estimate(build_job(), doubled, NOW) == 13.0 + 20.0


@pytest.mark.parametrize(
    "unknown",
    [outlook(run_seconds={}), outlook(concurrency={}), outlook(concurrency={**ONE_EACH, KEYS[2]: 0})],
)
def test_what_cannot_be_known_is_not_guessed(unknown: Outlook):
    assert estimate(build_job(), unknown, NOW) is None


@pytest.mark.parametrize("status", [VideoStatus.COMPLETED, VideoStatus.FAILED, VideoStatus.CANCELLED])
def test_an_ended_video_takes_no_more_time(status: VideoStatus):
    job = build_job()
    assert estimate(Job(replace(job.video, status=status), job.stages), Outlook(), NOW) == 0.0
