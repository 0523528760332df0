"""Judgement of estimates in the benchmark of waiting."""

from collections.abc import Sequence

import pytest

from benchmarks.waiting.samples import (
    Judged,
    Sample,
    first_errors,
    judged,
    median_errors,
    stood_still,
)
from benchmarks.waiting.scripts import script_of


def test_estimates_are_compared_with_what_was_left():
    told = [
        Sample("a", 0.0, 12.0, first=True),
        Sample("a", 4.0, 6.0),
        Sample("a", 5.0, None),
        Sample("a", 11.0, 1.0),  # after its end
        Sample("b", 1.0, 5.0, first=True),  # never ended
    ]
    found = judged(told, {"a": 10.0})
    assert [(each.eta, each.actual) for each in found] == [(12.0, 10.0), (6.0, 6.0)]
    assert first_errors(found) == [pytest.approx(0.2)]
    assert median_errors(found) == [pytest.approx(0.1)]


def test_a_long_job_counts_once():
    often = [Judged("long", float(at), 10.0, 10.0) for at in range(50)]
    assert median_errors([*often, Judged("short", 0.0, 3.0, 1.0)]) == [0.0, 2.0]


def test_what_is_left_counts_as_a_second_at_least():
    assert Judged("a", 0.0, 0.5, 0.1).error == pytest.approx(0.4)


def every_second(etas: Sequence[float], end: float) -> list[Judged]:
    return [Judged("a", float(at), eta, end - at) for at, eta in enumerate(etas)]


@pytest.mark.parametrize(
    ("estimates", "still"),
    [
        (every_second([9.0] * 100, 500.0), ["a"]),
        (every_second([9.0 + at for at in range(100)], 500.0), []),  # wrong, but it moves
        (every_second([400.0] * 100, 500.0), []),  # still, but not wrong
        (every_second([9.0] * 50, 500.0), []),  # not for a minute
    ],
)
def test_an_estimate_that_stands_still_while_it_is_wrong_is_found(estimates: list[Judged], still: list[str]):
    assert stood_still(estimates) == still


@pytest.mark.parametrize("seconds", [1, 10, 300])
def test_scripts_are_as_long_as_asked_and_unlike_each_other(seconds: int):
    one, other = script_of(seconds, "Number one"), script_of(seconds, "Number two")
    assert one != other
    assert len(one) / 15.5 == pytest.approx(seconds, abs=2)
