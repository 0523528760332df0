"""Computes the figures of a contender from its rounds. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.orchestration.plan import Measured


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of one contender over the rounds."""

    p50: float
    """Seconds from submission to end of a chain that is alone."""
    p99: float
    rates: Mapping[int, float]
    """Chains per second by how many were open at once."""
    cpu: float
    """CPU milliseconds a chain, of all processes together."""

    @property
    def rate(self) -> float:
        """Chains per second at the smaller of the two loads, without a long queue."""
        return self.rates[min(self.rates)]

    @property
    def held(self) -> float:
        """The rate at the greater load, relative to that at the smaller one."""
        return self.rates[max(self.rates)] / self.rate


def figures_of(rounds: Sequence[Measured]) -> Figures:
    """Returns the figures of one or more rounds."""
    return Figures(
        p50=median(percentile(each.seconds, 50) for each in rounds),
        p99=median(percentile(each.seconds, 99) for each in rounds),
        rates={window: median(each.rates[window] for each in rounds) for window in rounds[0].rates},
        cpu=median(sum(each.cpu.values()) for each in rounds),
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Returns the smallest value that `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]
