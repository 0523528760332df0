"""Turns of jobs in the queues."""

from datetime import timedelta

from services.gateway.jobs.scheduling.turn import STRETCH, with_turn
from tests.unit.gateway.jobs.job_examples import NOW, build_job


def test_a_turn_is_the_submission_and_ten_times_the_run_time():
    job = with_turn(build_job(), 3.0)
    assert {stage.turn_at for stage in job.stages} == {NOW + timedelta(seconds=STRETCH * 3)}
    assert job.record == build_job().record
