"""The schedule of faults is drawn from the seed."""

from collections import Counter

from tests.chaos.schedule import KINDS, SETTLING_SECONDS, draw_schedule, targets_of
from tests.chaos.shape import SMALL, Shape

HALF_AN_HOUR = 1800.0


def test_a_seed_gives_the_same_schedule_again():
    first, second, other = (
        draw_schedule(seed, Shape(), seconds=HALF_AN_HOUR, faults=360) for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_a_schedule_has_the_requested_number_of_faults_and_every_kind():
    for count in (len(KINDS), 360):
        schedule = draw_schedule(3, Shape(), seconds=HALF_AN_HOUR, faults=count)
        assert len(schedule) == count
        assert Counter(fault.kind for fault in schedule).keys() == KINDS.keys()


def test_no_two_faults_overlap_on_one_target():
    free_at: dict[str, float] = {}
    for fault in draw_schedule(4, SMALL, seconds=60.0, faults=40):
        assert fault.target in targets_of(SMALL)[KINDS[fault.kind].targets]
        assert fault.at >= free_at.get(fault.target, 0.0)
        free_at[fault.target] = fault.at + fault.seconds + SETTLING_SECONDS - 0.02
