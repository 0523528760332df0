"""When a part that died is started again."""

from dataclasses import dataclass

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
HEALTHY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Restart:
    failures: int
    """In a row; a healthy minute ends the row."""
    delay_seconds: float


def plan_restart(earlier_failures: int, ran_seconds: float) -> Restart:
    failures = 1 if ran_seconds >= HEALTHY_SECONDS else earlier_failures + 1
    return Restart(failures, min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(failures - 1, 16)))
