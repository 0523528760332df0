"""Fits how fast an engine is on its workers from its recent runs. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

DECAY = 0.95
"""Weight of a run relative to the one after it: machines and their load change."""
CONTENTIONS = (0.5, 0.25, 0.75, 0.0, 1.0)
"""Values that are tried, the likeliest first; with 1, runs at once are no faster than one after the other."""
BETTER = 0.95
"""Another contention is believed only if it explains the runs so much better."""
ROUNDS = 3
"""How often the line is fitted: its errors are relative to the line before, because relative to the run times
themselves, slow runs would count too little."""
SHORTEST_SECONDS = 0.02
"""Shorter runs say more about the clock than about the engine."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stage that an engine has run. Times are in seconds of one clock.

    `work` is what it really had to do; `length` is that of the speech which it has made of a script, relative
    to what was planned, `None` for other stages.
    """

    work: float
    started: float
    ended: float
    length: float | None = None

    @property
    def seconds(self) -> float:
        return max(self.ended - self.started, SHORTEST_SECONDS)


@dataclass(frozen=True, slots=True)
class EngineRate:
    """Run time of one engine: `fixed` seconds, and `per_work` for each unit of work.

    `contention` says how much slower a stage gets for each other one that runs beside it, as a share.
    Scripts take `length` times as long to speak as planned.
    """

    fixed: float
    per_work: float
    contention: float = 0.0
    length: float = 1.0

    def seconds(self, work: float) -> float:
        """Returns the run time of a stage that runs alone."""
        return self.fixed + self.per_work * work

    def slowdown(self, busy: int) -> float:
        """Returns by which factor stages are slower when `busy` of them run at once."""
        return 1.0 + self.contention * (max(busy, 1) - 1)


def fit_rate(runs: Sequence[Run]) -> EngineRate | None:
    """Returns the rate that explains the runs best, the newest first; `None` if there are none.

    Errors count in proportion to the run time, so that short runs are explained as well as long ones.
    """
    if not runs:
        return None
    beside = [overlap(run, runs) for run in runs]
    best, least = EngineRate(0.0, 0.0), float("inf")
    for contention in CONTENTIONS:
        slowdowns = [1.0 + contention * (others - 1.0) for others in beside]
        fixed, per_work = fit_line(runs, slowdowns)
        error = sum(
            weight * ((run.seconds - expected) / expected) ** 2
            for weight, run, expected in zip(
                weights(), runs, line(runs, slowdowns, fixed, per_work), strict=False
            )
        )
        if error < least * BETTER:
            best, least = EngineRate(fixed, per_work, contention), error
    lengths = [run.length for run in runs if run.length is not None]
    return EngineRate(best.fixed, best.per_work, best.contention, median(lengths) if lengths else 1.0)


def fit_line(runs: Sequence[Run], slowdowns: Sequence[float]) -> tuple[float, float]:
    """Returns the fixed seconds and the seconds per unit of work, neither below zero, with the least sum of
    squared errors relative to the line."""
    scales = [run.seconds for run in runs]
    fixed = per_work = 0.0
    for _ in range(ROUNDS):
        fixed, per_work = least_squares(runs, slowdowns, scales)
        scales = line(runs, slowdowns, fixed, per_work)
    return fixed, per_work


def line(runs: Sequence[Run], slowdowns: Sequence[float], fixed: float, per_work: float) -> list[float]:
    """Returns how long each run should have taken."""
    expected = ((fixed + per_work * run.work) * slow for run, slow in zip(runs, slowdowns, strict=True))
    return [max(seconds, SHORTEST_SECONDS) for seconds in expected]


def least_squares(
    runs: Sequence[Run], slowdowns: Sequence[float], scales: Sequence[float]
) -> tuple[float, float]:
    """Returns the line, with errors counted relative to `scales`, in seconds."""
    uu = uv = vv = uy = vy = 0.0
    for weight, run, slowdown, scale in zip(weights(), runs, slowdowns, scales, strict=False):
        constant, seconds = slowdown / scale, run.seconds / scale
        proportional = constant * run.work
        uu += weight * constant * constant
        uv += weight * constant * proportional
        vv += weight * proportional * proportional
        uy += weight * constant * seconds
        vy += weight * proportional * seconds
    determinant = uu * vv - uv * uv
    if determinant > 1e-6 * uu * vv:
        fixed, per_work = (uy * vv - vy * uv) / determinant, (vy * uu - uy * uv) / determinant
        if fixed >= 0 and per_work >= 0:
            return fixed, per_work
        if per_work < 0:
            return uy / uu, 0.0
    return (0.0, vy / vv) if vv else (uy / uu, 0.0)


def overlap(run: Run, runs: Sequence[Run]) -> float:
    """Returns how many of the runs, itself included, were under way on average while this one was."""
    shared = (min(run.ended, other.ended) - max(run.started, other.started) for other in runs)
    return max(sum(seconds for seconds in shared if seconds > 0) / run.seconds, 1.0)


def weights() -> Iterator[float]:
    weight = 1.0
    while True:
        yield weight
        weight *= DECAY
