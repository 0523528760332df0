"""What a stage has measured of what it made. A check that does not pass spoils nothing: it warns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """`value`, a finite number in `unit`, should lie from `lower` to `upper`; `None` is no bound.

    `message` says in a sentence what was seen; it is empty if the check has passed.
    """

    name: str
    value: float
    unit: str
    lower: float | None
    upper: float | None
    passed: bool
    message: str


def judge(
    name: str,
    value: float,
    unit: str = "",
    *,
    lower: float | None = None,
    upper: float | None = None,
    seen: str,
) -> QualityCheck:
    """`seen` is the message for a value out of bounds."""
    passed = (lower is None or value >= lower) and (upper is None or value <= upper)
    return QualityCheck(name, value, unit, lower, upper, passed, "" if passed else seen)


def failed(checks: tuple[QualityCheck, ...]) -> tuple[QualityCheck, ...]:
    return tuple(check for check in checks if not check.passed)
