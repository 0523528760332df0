"""Computes how long it took until work went on after a fault."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from tests.chaos.faults import Injected
from tests.chaos.load import percentile
from tests.chaos.runs import Run, by_stage

WORKER_FAULTS = ("kill worker", "pause worker", "slow worker", "drain worker")


def recovery_seconds(injected: Sequence[Injected], runs: Sequence[Run]) -> dict[str, list[float]]:
    """Returns, by kind of fault, the seconds from its end until a run begins.

    After a fault of one worker, only runs on that worker count.
    """
    everywhere = [run.started for run in runs]
    at: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        at[run.worker].append(run.started)
    found: dict[str, list[float]] = defaultdict(list)
    for each in injected:
        begun = at[each.fault.target] if each.fault.kind in WORKER_FAULTS else everywhere
        after = begun[bisect_right(begun, each.ended) :]
        if after:
            found[each.fault.kind].append(after[0] - each.ended)
    return found


def rerun_seconds(injected: Sequence[Injected], runs: Sequence[Run]) -> list[float]:
    """Returns the seconds from each kill of a worker until each stage that it ran runs again."""
    stages = by_stage(runs)
    found: list[float] = []
    for each in injected:
        if each.fault.kind == "kill worker":
            found += [
                again - each.began
                for run in runs
                if was_cut_off(run, each) and (again := next_start(stages[run.stage], each.began)) is not None
            ]
    return found


def was_cut_off(run: Run, kill: Injected) -> bool:
    return run.worker == kill.fault.target and run.ended is None and 0 < kill.began - run.started < 60


def next_start(runs: Sequence[Run], after: float) -> float | None:
    return next((run.started for run in runs if run.started > after), None)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    return {
        "n": len(values),
        "p50": round(percentile(list(values), 0.5), 2),
        "p99": round(percentile(list(values), 0.99), 2),
        "max": round(max(values, default=0.0), 2),
    }
