"""Judgement of measured values."""

import pytest

from services.chassis.engine_api.quality import failed, judge


@pytest.mark.parametrize(
    ("value", "lower", "upper", "passed"),
    [
        (1.0, 1.0, 2.0, True),
        (2.0, 1.0, 2.0, True),
        (0.9, 1.0, 2.0, False),
        (2.1, 1.0, 2.0, False),
        (-5.0, None, 2.0, True),
        (5.0, 1.0, None, True),
        (5.0, None, 4.0, False),
    ],
)
def test_a_value_within_its_bounds_passes(
    value: float, lower: float | None, upper: float | None, passed: bool
) -> None:
    assert judge("rate", value, lower=lower, upper=upper, seen="Odd.").passed is passed


def test_only_a_failed_check_has_a_message() -> None:
    checks = (judge("a", 1, upper=2, seen="A is big."), judge("b", 3, "s", upper=2, seen="B is big."))
    assert [check.message for check in checks] == ["", "B is big."]
    assert failed(checks) == checks[1:]
