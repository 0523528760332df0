"""Percentiles, figures, plans and tables of the orchestration benchmark."""

import pytest

from benchmarks.orchestration.catalogue import CONTENDERS
from benchmarks.orchestration.figures import Figures, figures_of, percentile
from benchmarks.orchestration.plan import Measured, Plan
from benchmarks.orchestration.report import ratios, table


@pytest.mark.parametrize(("percent", "expected"), [(50, 50.0), (99, 99.0), (100, 100.0), (1, 1.0)])
def test_a_percentile_is_one_of_the_measured_values(percent: int, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == expected


def test_a_single_value_is_every_percentile() -> None:
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7.0


def test_figures_are_medians_over_the_rounds() -> None:
    rounds = [
        Measured([seconds], {100: rate}, {"a": 1.0, "b": cpu})
        for seconds, rate, cpu in ((1.0, 30.0, 5.0), (3.0, 10.0, 1.0), (2.0, 20.0, 3.0))
    ]
    assert figures_of(rounds) == Figures(p50=2.0, p99=2.0, rates={100: 20.0}, cpu=4.0)


def test_a_plan_is_the_same_after_json() -> None:
    plan = Plan(warm=1, light=2, saturated={100: 3, 10_000: 4})
    assert Plan.from_json(plan.to_json()) == plan


def test_ratios_are_likeness_over_the_other_system() -> None:
    ours = Figures(p50=0.002, p99=0.006, rates={100: 200.0, 1000: 100.0}, cpu=1.0)
    theirs = Figures(p50=0.001, p99=0.002, rates={100: 50.0, 1000: 50.0}, cpu=1.0)
    figures = {"likeness-nats": ours, "celery-redis": theirs}
    assert ratios(CONTENDERS, figures).splitlines()[-1] == "| Celery on Redis | 4.00 | 2.00 | 3.00 |"
    assert ours.held == 0.5


def test_the_table_has_a_row_for_each_measured_contender() -> None:
    figures = {each.name: Figures(0.001, 0.002, {100: 9.0, 1000: 8.0}, 1.0) for each in CONTENDERS[:3]}
    assert len(table(CONTENDERS, figures).splitlines()) == 2 + 3
