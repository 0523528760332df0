"""Predictions: how long jobs take, from their stages and from what stands before them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.gateway.jobs.domain.models import Job, JobStatus, Priority, Stage, StageOutput, StageState
from services.gateway.jobs.domain.quantity import Quantity, Unit
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.forecast.rates import EngineRate
from services.gateway.jobs.forecast.workload import OpenStage, Place, Workload
from services.gateway.jobs.scheduling.turn import STRETCH
from tests.unit.gateway.jobs.job_examples import NOW, build_record, build_stage

TTS, VIDEO = ("tts", "engine"), ("video", "engine")
RATES = {TTS: EngineRate(0.5, 0.01, length=1.5), VIDEO: EngineRate(1.0, 0.1)}
SPOKEN = Quantity(Unit.CHARACTER, 100, 100, 10)
SEEN = Quantity(Unit.SECOND_OF_VIDEO, 10, 20, 10)
NOW_SECONDS = NOW.timestamp()


def tts(**changes: object) -> Stage:
    return replace(build_stage("scene-0/tts", "tts", quantity=SPOKEN), **changes)


def video(number: int = 0, **changes: object) -> Stage:
    speech = {"speech": StageOutput("scene-0/tts", "speech")}
    stage = build_stage(f"video-{number}", "video", inputs=speech, quantity=SEEN, ordinal=1 + number)
    return replace(stage, **changes)


def job_of(*stages: Stage, **record: object) -> Job:
    return Job(build_record(**record), stages)


def forecast(slots: int = 1, *ahead: OpenStage, rates: dict[tuple[str, str], EngineRate] = RATES) -> Forecast:
    return Forecast(rates, Workload({TTS: 1, VIDEO: slots}, ahead))


def ahead(seconds: float, *, turn: float = -1.0, in_flight: bool = False, priority: int = 0) -> OpenStage:
    place = Place(priority, NOW_SECONDS + turn, "video_other")
    return OpenStage(VIDEO, place, in_flight, seconds)


def test_a_job_takes_the_time_of_its_stages_in_turn():
    """1.5 s to speak 100 characters; 1 s and 0.1 s for each of 20 units of work, half as much again."""
    assert forecast().eta_seconds(job_of(tts(), video()), NOW) == 1.5 + 1 + 3.0


def test_what_was_really_spoken_replaces_what_was_expected():
    spoken = tts(state=StageState.COMPLETED, media_seconds=20.0)
    assert forecast().eta_seconds(job_of(spoken, video()), NOW) == 1 + 2 * 2.0


@pytest.mark.parametrize(
    ("slots", "parts", "expected"),
    [(1, 4, 1.5 + 4 * 4.0), (2, 4, 1.5 + 2 * 4.0), (2, 3, 1.5 + 2 * 4.0), (8, 4, 5.5)],
)
def test_parts_run_at_once_on_as_many_slots_as_there_are(slots: int, parts: int, expected: float):
    stages = [video(number) for number in range(parts)]
    assert forecast(slots).eta_seconds(job_of(tts(), *stages), NOW) == expected


def test_stages_that_run_at_once_are_slower():
    rates = RATES | {VIDEO: EngineRate(1.0, 0.1, contention=1.0)}
    stages = [video(number) for number in range(2)]
    assert forecast(2, rates=rates).eta_seconds(job_of(tts(), *stages), NOW) == 1.5 + 2 * 4.0


@pytest.mark.parametrize(
    ("other", "slots", "expected"),
    [
        (ahead(60), 1, 60 + 4.0),
        (ahead(60), 2, 30 + 4.0),
        (ahead(60, turn=1), 1, 5.5),  # its turn comes later: it is overtaken
        (ahead(60, turn=1, in_flight=True), 1, 60 + 4.0),  # what runs is not interrupted
        (ahead(60, turn=-100, priority=1), 1, 5.5),  # batch work gives way
        (ahead(0.5), 1, 5.5),  # it ends before the speech is there
    ],
)
def test_what_stands_before_a_job_counts(other: OpenStage, slots: int, expected: float):
    job = job_of(tts(), video())
    assert forecast(slots, other).eta_seconds(job, NOW) == expected


def test_a_job_does_not_wait_for_itself():
    own = replace(ahead(60, in_flight=True), place=Place(0, NOW_SECONDS, "video_1"))
    assert forecast(1, own).eta_seconds(job_of(tts(), video()), NOW) == 5.5


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
    spoken = tts(state=StageState.COMPLETED, media_seconds=10.0)
    running = video(state=StageState.RUNNING, progress=progress, started_at=NOW - timedelta(seconds=elapsed))
    assert forecast().eta_seconds(job_of(spoken, running), NOW) == pytest.approx(expected, abs=0.051)


def test_a_stage_that_is_tried_again_waits_for_its_time():
    retrying = tts(state=StageState.RETRYING, not_before=NOW + timedelta(seconds=7))
    assert forecast().eta_seconds(job_of(retrying), NOW) == 7 + 1.5


@pytest.mark.parametrize(
    "unknown",
    [
        Forecast({TTS: RATES[TTS]}, Workload({TTS: 1, VIDEO: 1}, ())),
        Forecast(RATES, Workload({TTS: 1}, ())),
        Forecast(RATES, Workload({TTS: 1, VIDEO: 1}, ()), truncated=True),
    ],
    ids=["never run", "no worker", "too many jobs"],
)
def test_what_is_not_known_is_not_told(unknown: Forecast):
    assert unknown.eta_seconds(job_of(tts(), video()), NOW) is None


def test_a_job_that_has_ended_needs_no_time():
    assert Forecast().eta_seconds(job_of(tts(), status=JobStatus.FAILED), NOW) == 0.0


def test_known_results_take_no_time():
    stages = tts(), video()
    assert forecast().seconds_until_done(stages, NOW, known={"video-0"}) == 1.5
    assert forecast().seconds_until_done(stages, NOW, known={"video-0", "scene-0/tts"}) == 0.0


def test_short_jobs_get_an_earlier_turn():
    short, long = (
        forecast().with_turn(job_of(video(quantity=replace(SEEN, work=work)))) for work in (10.0, 1000.0)
    )
    turns = [job.stages[0].turn_at for job in (short, long)]
    assert turns == [NOW + timedelta(seconds=STRETCH * seconds) for seconds in (2.0, 101.0)]


def test_without_history_the_turn_is_guessed_from_the_length():
    job = Forecast().with_turn(job_of(tts(), video()))
    assert {stage.turn_at for stage in job.stages} == {NOW + timedelta(seconds=STRETCH * 2.0)}


def test_interactive_work_goes_before_a_batch_whatever_its_turn():
    batch = job_of(tts(priority=Priority.BATCH), video(priority=Priority.BATCH))
    assert forecast(1, ahead(60, turn=1)).eta_seconds(batch, NOW) == 64.0
