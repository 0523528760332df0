"""Reads the record that the scripted engines write of their runs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Run:
    """One run of a stage by an engine; `ended` is `None` if it was killed, or still runs.

    `outlived`: the engine went on after its worker had ended.
    """

    stage: str
    worker: str
    pid: int
    started: float
    ended: float | None = None
    outlived: bool = False

    @property
    def job(self) -> str:
        return self.stage.partition("/")[0]


def read_runs(root: Path) -> list[Run]:
    """Returns the runs in the order in which they began."""
    path = root / "runs" / "runs.log"
    runs: list[Run] = []
    open_runs: dict[tuple[str, int], Run] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        moment, what, stage, worker, pid = line.split()
        key = (stage, int(pid))
        if what == "start":
            open_runs[key] = Run(stage, worker, int(pid), float(moment))
            runs.append(open_runs[key])
        elif what == "outlived":
            open_runs[key].outlived = True
        else:
            open_runs.pop(key).ended = float(moment)
    return runs


def still_working(runs: Sequence[Run], ages: Mapping[int, float], now: float) -> list[Run]:
    """Returns runs without an end whose process is older. `ages` are of live processes, in seconds.

    In a long run the system may give the id of a killed process to another one.
    """
    return [run for run in runs if run.ended is None and ages.get(run.pid, 0.0) > now - run.started]


def by_stage(runs: Sequence[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        found[run.stage].append(run)
    return found
