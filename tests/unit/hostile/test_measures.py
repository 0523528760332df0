"""Percentiles, time windows and the table of the hostile corpus."""

from collections import Counter

import pytest

from tests.hostile.measures import KindResult, Memory, Sample, Window, percentile, table


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([3.0], 0.99, 3.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 0.75, 3.0),
        ([float(each) for each in range(1, 101)], 0.99, 99.0),
        ([float(each) for each in range(1, 102)], 0.99, 100.0),
        ([1.0, 2.0], 0.0, 1.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, expected: float):
    assert percentile(values, share) == expected


def test_no_values_have_no_percentile():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.99)


@pytest.mark.parametrize(
    ("began", "seconds", "inside"),
    [
        (1.0, 0.5, False),
        (1.0, 2.0, True),
        (2.5, 0.1, True),
        (2.9, 9.0, True),
        (3.1, 0.1, False),
        (0.0, 9.0, True),
    ],
)
def test_a_window_has_what_was_under_way_in_it(began: float, seconds: float, inside: bool):
    samples = [Sample("health", began, seconds, "200"), Sample("video", 2.5, 0.1, "completed")]
    assert bool(Window(2.0, 3.0).of(samples, "health")) is inside


def test_the_table_has_a_line_for_each_kind():
    result = KindResult(
        kind="storms",
        attacks=7,
        window=Window(10.0, 12.5),
        answers=Counter({429: 5, 200: 2}),
        faults=(),
        failures={"one": "AssertionError: 200"},
        unfinished=(),
        memory=Memory(gateway=151.2, probes={"7": 80.4}),
        stalls=3,
    )
    samples = [Sample("health", 11.0, 0.031, "200"), Sample("video", 11.0, 1.25, "completed")]
    _, line = table([result], samples).splitlines()
    assert " ".join(line.split()) == "storms 7 1 2.5 200:2 429:5 31 ms 31 ms 1.2 s 151 MiB 80 MiB 3"
