"""Predictions: how long jobs take, from their stages and from what stands before them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from services.gateway.jobs.domain.models import Job, JobStatus, Priority, Stage, StageOutput, StageState
from services.gateway.jobs.domain.quantity import Quantity, Unit
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.forecast.rates import EngineRate
from services.gateway.jobs.forecast.workload import EngineQueue, Place, Running, Waiting, Workload
from tests.unit.gateway.jobs.job_examples import NOW, build_record, build_stage

TTS, VIDEO = ("tts", "engine"), ("video", "engine")
RATES = {TTS: EngineRate(0.5, 0.01, length=1.5), VIDEO: EngineRate(1.0, 0.1)}
SPOKEN = Quantity(Unit.CHARACTER, 100, 100, 10)
SEEN = Quantity(Unit.SECOND_OF_VIDEO, 10, 20, 10, estimated=1.0)
EXACT = replace(SEEN, estimated=0.0)
NOW_SECONDS = NOW.timestamp()
COMPLETED, RUNNING, QUEUED = StageState.COMPLETED, StageState.RUNNING, StageState.QUEUED


def tts(**changes: object) -> Stage:
    return replace(build_stage("scene-0/tts", "tts", quantity=SPOKEN), **changes)


def video(number: int = 0, **changes: object) -> Stage:
    speech = {"speech": StageOutput("scene-0/tts", "speech")}
    stage = build_stage(f"video-{number}", "video", inputs=speech, quantity=SEEN, ordinal=1 + number)
    return replace(stage, **changes)


def job_of(*stages: Stage, **record: object) -> Job:
    return Job(build_record(**record), stages)


def forecast(
    slots: int = 1,
    waiting: Sequence[Waiting] = (),
    running: Sequence[Running] = (),
    rates: dict[tuple[str, str], EngineRate] = RATES,
) -> Forecast:
    queues = {TTS: EngineQueue(1, (), ()), VIDEO: EngineQueue(slots, running, waiting)}
    jobs = {each.job_id for each in running} | {each.place.job_id for each in waiting}
    return Forecast(rates, Workload(queues, frozenset(jobs)))


def eta(job: Job, seen: Forecast) -> float | None:
    return seen.eta_seconds(job, NOW)


def ahead(
    seconds: float, *, turn: float = -1.0, priority: int = 0, workspace: str = "default", job: str = "video_0"
) -> Waiting:
    return Waiting(Place(workspace, priority, NOW_SECONDS + turn, job), 1, seconds)


def test_a_job_takes_the_time_of_its_stages_in_turn():
    """1.5 s to speak 100 characters; 1 s and 0.1 s for each of 20 units of work, half as much again."""
    assert eta(job_of(tts(), video()), forecast()) == 1.5 + 1 + 3.0


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [(SEEN, 5.0), (EXACT, 3.0), (replace(SEEN, estimated=0.5), 4.0)],
    ids=["as long as the speech", "of a given length", "half and half"],
)
def test_what_was_really_spoken_replaces_what_was_expected(quantity: Quantity, expected: float):
    spoken = tts(state=COMPLETED, media_seconds=20.0)
    assert eta(job_of(spoken, video(quantity=quantity)), forecast()) == expected


def test_a_scene_without_a_script_is_as_long_as_it_says():
    assert eta(job_of(video(quantity=EXACT, inputs={})), forecast()) == 3.0


@pytest.mark.parametrize(
    ("slots", "parts", "expected"), [(1, 4, 1.5 + 4 * 4.0), (2, 4, 9.5), (2, 3, 9.5), (8, 4, 5.5)]
)
def test_parts_run_at_once_on_as_many_slots_as_there_are(slots: int, parts: int, expected: float):
    stages = [video(number) for number in range(parts)]
    assert eta(job_of(tts(), *stages), forecast(slots)) == expected


def test_stages_that_run_at_once_are_slower():
    rates = RATES | {VIDEO: EngineRate(1.0, 0.1, contention=1.0)}
    stages = [video(number) for number in range(2)]
    assert eta(job_of(tts(), *stages), forecast(2, rates=rates)) == 1.5 + 2 * 4.0


@pytest.mark.parametrize(
    ("other", "slots", "expected"),
    [
        (ahead(60), 1, 60 + 4.0),
        (ahead(60), 2, 30 + 4.0),
        (ahead(60, turn=1), 1, 5.5),  # its turn comes later: it is overtaken
        (ahead(60, turn=-100, priority=1), 1, 5.5),  # batch work gives way
        (ahead(0.5), 1, 5.5),  # it ends before the speech is there
        (ahead(600, workspace="other"), 1, 5.5),  # workspaces take turns: this one is next
    ],
)
def test_what_waits_before_a_job_counts(other: Waiting, slots: int, expected: float):
    assert eta(job_of(tts(), video()), forecast(slots, [other])) == expected


def test_another_workspace_has_as_much_done_meanwhile_as_this_one():
    """Before the last of four stages this one has three, 12 s; so has the other, of its hour."""
    stages = [video(number) for number in range(4)]
    assert eta(job_of(tts(), *stages), forecast(1, [ahead(3600, workspace="other")])) == 12 + 4 * 4.0
    assert eta(job_of(tts(), *stages), forecast(1, [ahead(2, workspace="other")])) == 2 + 4 * 4.0


@pytest.mark.parametrize(
    ("slots", "running", "expected"),
    [
        (1, [300.0], 300 + 4.0),  # what runs is not interrupted
        (2, [300.0], 5.5),  # the other slot is free
        (2, [300.0, 10.0], 10 + 4.0),
        (3, [300.0, 10.0, 20.0], 10 + 4.0),
    ],
)
def test_what_runs_keeps_its_own_slot(slots: int, running: list[float], expected: float):
    others = [Running("video_0", seconds) for seconds in running]
    assert eta(job_of(tts(), video()), forecast(slots, (), others)) == expected


def test_work_that_waits_goes_to_the_slots_that_are_free_first():
    """Slots are free in 0, 10 and 100 s: 20 s of work fill the first two until 15."""
    running = [Running("video_0", seconds) for seconds in (10.0, 100.0)]
    assert eta(job_of(tts(), video()), forecast(3, [ahead(20)], running)) == 15 + 4.0


def test_a_job_does_not_wait_for_itself():
    own = [ahead(60, turn=0, job="video_1")]
    assert eta(job_of(tts(), video()), forecast(1, own)) == 5.5


def test_a_running_part_occupies_its_slot():
    """One slot: the part that runs needs 3 s, then the next one 3 s."""
    spoken = tts(state=COMPLETED, media_seconds=10.0)
    parts = [video(0, state=RUNNING, started_at=NOW), video(1)]
    assert eta(job_of(spoken, *parts), forecast(1, (), [Running("video_1", 3.0)])) == 6.0


def test_a_stage_that_is_queued_again_waits_although_it_has_begun_before():
    spoken = tts(state=COMPLETED, media_seconds=10.0)
    again = video(state=QUEUED, attempt=2, started_at=NOW - timedelta(seconds=50))
    assert eta(job_of(spoken, again), forecast(1, (), [Running("video_0", 300.0)])) == 300 + 3.0


@pytest.mark.parametrize(
    ("elapsed", "progress", "expected"),
    [
        (0, 0.0, 3.0),
        (1, 0.0, 2.0),
        (60, 0.0, 6.0),  # overdue: it is not about to end
        (3, 0.5, 0.5 * (0.5 * 3 + 3)),
        (60, 0.5, 0.5 * (0.5 * 3 + 60)),
        (1, 1.0, 0.0),
    ],
)
def test_a_running_stage_is_judged_by_its_own_pace(elapsed: float, progress: float, expected: float):
    spoken = tts(state=COMPLETED, media_seconds=10.0)
    running = video(state=RUNNING, progress=progress, started_at=NOW - timedelta(seconds=elapsed))
    assert eta(job_of(spoken, running), forecast()) == pytest.approx(expected, abs=0.051)


def test_a_stage_that_is_tried_again_waits_for_its_time():
    retrying = tts(state=StageState.RETRYING, not_before=NOW + timedelta(seconds=7))
    assert eta(job_of(retrying), forecast()) == 7 + 1.5


@pytest.mark.parametrize(
    "unknown",
    [
        replace(forecast(), rates={TTS: RATES[TTS]}),
        replace(forecast(), workload=Workload({TTS: EngineQueue(1, (), ())})),
        replace(forecast(), truncated=True),
    ],
    ids=["never run", "no worker", "too many jobs"],
)
def test_what_is_not_known_is_not_told(unknown: Forecast):
    assert eta(job_of(tts(), video()), unknown) is None


def test_a_job_that_has_ended_needs_no_time():
    assert eta(job_of(tts(), status=JobStatus.FAILED), Forecast()) == 0.0


def test_known_results_take_no_time():
    stages = tts(), video()
    assert forecast().seconds_until_done(stages, NOW, 1.0, known={"video-0"}) == 1.5
    assert forecast().seconds_until_done(stages, NOW, 1.0, known={"video-0", "scene-0/tts"}) == 0.0


def test_the_run_time_of_a_whole_job_is_guessed_without_history():
    stages = [tts(), video()]
    assert forecast().total_run_seconds(stages, 1.5) == 1.5 + 4.0
    assert Forecast().total_run_seconds(stages, 1.0) == 2.0


def test_interactive_work_of_all_goes_before_a_batch():
    batch = job_of(tts(priority=Priority.BATCH), video(priority=Priority.BATCH))
    others = [ahead(60, turn=1), ahead(30, turn=1, workspace="other", job="video_x")]
    assert eta(batch, forecast(1, others)) == 94.0
