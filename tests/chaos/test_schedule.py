"""The schedule is a function of the seed."""

from collections import Counter

from tests.chaos.schedule import KINDS, SETTLING_SECONDS, draw_schedule, targets_of
from tests.chaos.shape import SMALL, Shape

HALF_AN_HOUR = 1800.0


def test_a_seed_gives_the_same_faults_again():
    first, second, other = (
        draw_schedule(seed, Shape(), seconds=HALF_AN_HOUR, faults=360) for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_as_many_faults_as_asked_for_of_every_kind():
    for count in (len(KINDS), 360):
        schedule = draw_schedule(3, Shape(), seconds=HALF_AN_HOUR, faults=count)
        assert len(schedule) == count
        assert Counter(fault.kind for fault in schedule).keys() == KINDS.keys()


def test_nothing_happens_to_a_part_that_something_happens_to():
    free_at: dict[str, float] = {}
    for fault in draw_schedule(4, SMALL, seconds=60.0, faults=40):
        assert fault.target in targets_of(SMALL)[KINDS[fault.kind].targets]
        assert fault.at >= free_at.get(fault.target, 0.0)
        free_at[fault.target] = fault.at + fault.seconds + SETTLING_SECONDS - 0.02
