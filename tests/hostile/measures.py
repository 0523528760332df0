"""Holds what was measured during the attacks of one kind, and prints the table of all kinds."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

OK = "200"
MADE = "completed"


@dataclass(frozen=True, slots=True)
class Sample:
    """One measure of the innocent client; `began` is a moment of the monotonic clock."""

    what: str
    began: float
    seconds: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Window:
    """A time span of the monotonic clock."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def of(self, samples: Iterable[Sample], what: str) -> Sequence[Sample]:
        """Returns the samples of that name that were under way in this time."""
        return [
            each
            for each in samples
            if each.what == what and each.began <= self.ended and each.began + each.seconds >= self.began
        ]


@dataclass(slots=True)
class Memory:
    """Largest resident memory of each process while it was watched, in MiB."""

    gateway: float = 0.0
    probes: dict[str, float] = field(default_factory=dict[str, float])
    """The gateway's child processes, by id."""
    engines: dict[str, float] = field(default_factory=dict[str, float])
    """The processes of engines, by the path of the engine."""

    @property
    def largest_probe(self) -> float:
        return max(self.probes.values(), default=0.0)


@dataclass(frozen=True, slots=True, repr=False)
class KindResult:
    """The outcome of one kind of attack."""

    kind: str
    attacks: int
    window: Window
    answers: Counter[int]
    faults: Sequence[str]
    """Server errors, with the request of each."""
    failures: Mapping[str, str]
    """Messages of the attacks that were not answered as they deserve, by name."""
    unfinished: Sequence[str]
    """Ids of the attackers' jobs that did not end."""
    memory: Memory
    stalls: int
    """How often the gateway's event loop was held for more than 100 ms."""


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the smallest value that is not below that share of the values.

    Raises ValueError without any.
    """
    if not values:
        raise ValueError("There is no percentile of no values.")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def seconds_of(samples: Iterable[Sample]) -> Sequence[float]:
    return [each.seconds for each in samples]


def table(results: Sequence[KindResult], samples: Sequence[Sample]) -> str:
    """Returns a line for each kind: attacks, answers, times and memory."""
    titles = (
        "kind",
        "attacks",
        "failed",
        "seconds",
        "answers",
        "health p99",
        "worst",
        "video",
        "gateway",
        "its child",
        "stalls",
    )
    rows = [titles, *(row(each, samples) for each in results)]
    widths = [max(len(each[column]) for each in rows) for column in range(len(titles))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(each, widths, strict=True)) for each in rows
    )


def row(result: KindResult, samples: Sequence[Sample]) -> tuple[str, ...]:
    health = seconds_of(result.window.of(samples, "health"))
    videos = seconds_of(result.window.of(samples, "video"))
    return (
        result.kind,
        str(result.attacks),
        str(len(result.failures)),
        f"{result.window.seconds:.1f}",
        " ".join(f"{status}:{count}" for status, count in sorted(result.answers.items())) or "none",
        f"{percentile(health, 0.99) * 1000:.0f} ms" if health else "none",
        f"{max(health) * 1000:.0f} ms" if health else "none",
        f"{max(videos):.1f} s" if videos else "none",
        f"{result.memory.gateway:.0f} MiB",
        f"{result.memory.largest_probe:.0f} MiB",
        str(result.stalls),
    )
