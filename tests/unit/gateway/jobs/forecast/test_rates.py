"""Rates of engines, fitted to their recent runs."""

import pytest

from services.gateway.jobs.forecast.rates import EngineRate, Run, fit_rate, overlap


def in_turn(*runs: tuple[float, float]) -> list[Run]:
    """Returns runs of (work, seconds) one after the other, the newest first."""
    return [
        Run(work, 1000.0 * number, 1000.0 * number + seconds) for number, (work, seconds) in enumerate(runs)
    ][::-1]


@pytest.mark.parametrize(
    ("runs", "fixed", "per_work"),
    [
        (in_turn((10, 5), (20, 10), (40, 20)), 0.0, 0.5),
        (in_turn((10, 6), (20, 11), (40, 21)), 1.0, 0.5),
        (in_turn((1, 3), (1, 3)), 0.0, 3.0),  # one size says nothing of what every stage costs
        (in_turn((0, 2), (0, 2)), 2.0, 0.0),
        (in_turn((1, 2), (10, 2), (100, 2)), 2.0, 0.0),
    ],
)
def test_the_line_through_the_runs_is_found(runs: list[Run], fixed: float, per_work: float):
    rate = fit_rate(runs)
    assert rate is not None
    assert (rate.fixed, rate.per_work) == (pytest.approx(fixed, abs=1e-6), pytest.approx(per_work, abs=1e-6))


def test_without_runs_there_is_no_rate():
    assert fit_rate([]) is None


def test_a_short_run_counts_as_much_as_a_long_one():
    """The least sum of absolute errors would have the short runs wrong by several times."""
    rate = fit_rate(in_turn((1, 1), (1, 1), (1000, 400), (1000, 500)))
    assert rate is not None
    assert rate.seconds(1) == pytest.approx(1, rel=0.1)


def test_new_runs_count_more_than_old_ones():
    rate = fit_rate(in_turn(*[(10, 10)] * 20, *[(10, 20)] * 20))
    assert rate is not None
    assert rate.seconds(10) > 16


def test_runs_at_once_are_slower_than_alone():
    """Four alone take a second each; four pairs, run at once, take two seconds each."""
    alone = [Run(10, 10.0 * number, 10.0 * number + 1) for number in range(4)]
    pairs = [Run(10, 100 + 10.0 * number, 102 + 10.0 * number) for number in range(4) for _ in "ab"]
    rate = fit_rate([*pairs, *alone])
    assert rate is not None
    assert rate.contention == 1.0
    assert rate.seconds(10) == pytest.approx(1, rel=0.01)
    assert rate.seconds(10) * rate.slowdown(2) == pytest.approx(2, rel=0.01)


def test_the_length_of_what_is_made_is_learned():
    rate = fit_rate([Run(1, 0, 1, length) for length in (1.2, 1.3, 9.0)] + [Run(1, 0, 1)])
    assert rate is not None
    assert rate.length == 1.3


@pytest.mark.parametrize(
    ("others", "expected"),
    [([], 1.0), ([(0, 10)], 2.0), ([(5, 25)], 1.5), ([(10, 20)], 1.0), ([(2, 3)], 1.1)],
)
def test_overlap_counts_the_runs_beside_a_run(others: list[tuple[float, float]], expected: float):
    run = Run(1, 0, 10)
    assert overlap(run, [run, *(Run(1, *times) for times in others)]) == pytest.approx(expected)


def test_alone_there_is_no_slowdown():
    rate = EngineRate(0, 1, contention=0.5)
    assert [rate.slowdown(busy) for busy in (0, 1, 2, 3)] == [1.0, 1.0, 1.5, 2.0]
