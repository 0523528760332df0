"""Quality checks: what a stage has measured of its output. A failed check is a warning, not an error."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """A measured value and its bounds.

    `value`, a finite number in `unit`, should lie from `lower` to `upper`; `None` is no bound. `message`
    describes in a sentence what was seen; it is empty if the check has passed.
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
    """Returns the check of `value` against its bounds; `seen` is the message if it is out of bounds."""
    passed = (lower is None or value >= lower) and (upper is None or value <= upper)
    return QualityCheck(name, value, unit, lower, upper, passed, "" if passed else seen)


def failed(checks: tuple[QualityCheck, ...]) -> tuple[QualityCheck, ...]:
    """Returns the checks that have not passed."""
    return tuple(check for check in checks if not check.passed)
