"""Plans when a part that has died is started again."""

from dataclasses import dataclass

MIN_SECONDS = 0.5
MAX_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
"""A part that has run for so long starts with the shortest delay again."""


@dataclass(frozen=True, slots=True)
class Restart:
    """A planned start of a part."""

    failures: int
    """Deaths in a row; a healthy minute ends the row."""
    delay_seconds: float


def plan_restart(earlier_failures: int, ran_seconds: float) -> Restart:
    """Doubles the delay with each death in a row, up to `MAX_SECONDS`."""
    failures = 1 if ran_seconds >= HEALTHY_SECONDS else earlier_failures + 1
    return Restart(failures, min(MAX_SECONDS, MIN_SECONDS * 2 ** min(failures - 1, 16)))
