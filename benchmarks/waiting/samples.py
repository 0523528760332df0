"""Samples of estimates, and what became of them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

LEAST_SECONDS = 1.0
"""An error is relative to the true remaining time, or to this where less is left."""
STILL_SECONDS = 60.0
STILL_SHARE = 0.05
"""An estimate stands still if it changes by less than this share of itself."""
WRONG = 2.0


@dataclass(frozen=True, slots=True)
class Sample:
    """An estimate: `eta` seconds, told `at` seconds on the benchmark's clock; `None` if there was none.

    `first` marks the one in the answer to the creation.
    """

    job: str
    at: float
    eta: float | None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """An estimate of `eta` seconds, beside the seconds that it really took from then."""

    job: str
    at: float
    eta: float
    actual: float
    first: bool = False

    @property
    def error(self) -> float:
        return abs(self.eta - self.actual) / max(self.actual, LEAST_SECONDS)

    @property
    def is_wrong(self) -> bool:
        """Tells whether it is wrong by more than a factor of two."""
        eta, actual = max(self.eta, LEAST_SECONDS), max(self.actual, LEAST_SECONDS)
        return max(eta / actual, actual / eta) > WRONG


def judged(samples: Iterable[Sample], ended: dict[str, float]) -> list[Judged]:
    """Returns the estimates that were told before their job ended."""
    return [
        Judged(each.job, each.at, each.eta, ended[each.job] - each.at, each.first)
        for each in samples
        if each.eta is not None and each.job in ended and ended[each.job] > each.at
    ]


def by_job(estimates: Iterable[Judged]) -> dict[str, list[Judged]]:
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for each in estimates:
        groups[each.job].append(each)
    return {job: sorted(group, key=lambda each: each.at) for job, group in groups.items()}


def first_errors(estimates: Iterable[Judged]) -> list[float]:
    """Returns the errors of the estimates in the answers to creations."""
    return [each.error for each in estimates if each.first]


def median_errors(estimates: Iterable[Judged]) -> list[float]:
    """Returns the median error of each job: a long one is not counted more often than a short one."""
    return [median(each.error for each in group) for group in by_job(estimates).values()]


def stood_still(estimates: Iterable[Judged]) -> list[str]:
    """Returns the jobs whose estimate stood still for a minute while it was wrong by more than a factor of
    two all the time."""
    return [job for job, group in by_job(estimates).items() if _stood_still(group)]


def _stood_still(group: Sequence[Judged]) -> bool:
    for index, first in enumerate(group):
        window = [each for each in group[index:] if each.at <= first.at + STILL_SECONDS]
        if group[-1].at < first.at + STILL_SECONDS:
            return False
        lowest, highest = min(each.eta for each in window), max(each.eta for each in window)
        if highest - lowest <= STILL_SHARE * highest and all(each.is_wrong for each in window):
            return True
    return False
