"""How long it took until work went on after a fault."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from tests.chaos.faults import Injected
from tests.chaos.load import percentile
from tests.chaos.runs import Run, by_stage

AT_ONE_WORKER = ("kill worker", "pause worker", "slow worker", "drain worker")


def recovery_seconds(injected: Sequence[Injected], runs: Sequence[Run]) -> dict[str, list[float]]:
    """By kind of fault: from its end until a run begins, on the worker that it had hit, or anywhere."""
    everywhere = [run.started for run in runs]
    at: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        at[run.worker].append(run.started)
    found: dict[str, list[float]] = defaultdict(list)
    for each in injected:
        begun = at[each.fault.target] if each.fault.kind in AT_ONE_WORKER else everywhere
        after = begun[bisect_right(begun, each.ended) :]
        if after:
            found[each.fault.kind].append(after[0] - each.ended)
    return found


def rerun_seconds(injected: Sequence[Injected], runs: Sequence[Run]) -> list[float]:
    """From the kill of a worker until each stage that it worked on runs again."""
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


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "n": len(values),
        "p50": round(percentile(list(values), 0.5), 2),
        "p99": round(percentile(list(values), 0.99), 2),
        "max": round(max(values, default=0.0), 2),
    }
