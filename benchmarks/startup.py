"""Measures how long the local stack takes to start and stop: `python -m benchmarks.startup`; see --help.

Each round runs `likeness up --detach`, `likeness down` and `make demo`, on a data folder that the first,
uncounted round has filled. Prints medians and where the time of a start goes; with --write puts both into
docs/explanation/performance.md. With --memory it prints what a stack holds at rest instead.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import psutil

from benchmarks.machine import machine
from benchmarks.page import PAGE, markdown, put_between_marks
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.report import report_on
from services.cli.stack.state import StackState, load_state

ROOT = Path(__file__).parents[1]
PORTRAIT = ROOT / "examples" / "portrait.jpg"
MIB = 1024 * 1024
ROUNDS = 5
WARM_SECONDS = 15.0
READY_EVENTS = frozenset({"service.started", "http.request"})
"""Log events that say that a service is ready: of a worker, and of the gateway, which nobody asks before."""
HEAD = ("command", "wall, s", "slowest, s", "CPU, s")
PART_HEAD = ("part", "process starts, s", "ready, s", "CPU, s")
NOTE = (
    "Medians of {rounds} rounds on a data folder that an earlier round has filled; every stage of the demo's "
    "video is known then. `down` comes {warm:g} s after ready, when all engines are open. CPU: of `up` that "
    "of all processes of the stack until it is ready, of the others that of the command and what it waits "
    "for. Below, one start: the seconds since the command began."
)


@dataclass(frozen=True, slots=True)
class PartTimes:
    """When a part of the stack began and was ready, in seconds since the command, and its CPU seconds."""

    name: str
    started: float
    ready: float | None
    cpu: float


@dataclass(frozen=True, slots=True)
class Run:
    """Wall and CPU seconds of a command. `parts` is empty if it left no stack."""

    wall: float
    cpu: float
    parts: Sequence[PartTimes] = ()


@dataclass(frozen=True, slots=True)
class RestingMemory:
    """MiB by process of the stack, each with its children. Pages that processes share count once."""

    parts: Mapping[str, float]

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {size:.0f}" for name, size in self.parts.items())
        return f"{sum(self.parts.values()):.0f} MiB (PSS) at rest: {parts}"


class Bench:
    """Runs the commands as a user does, with a data folder of its own in `home`."""

    def __init__(self, home: Path) -> None:
        self._out = home / "out"
        self._data = DataFolder(home / "likeness")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")}
        # Users have compiled modules; without, each process would compile all that it imports.
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        self._environment = {**inherited, "XDG_DATA_HOME": str(home)}

    def up(self) -> Run:
        began = time.time()
        wall = self._run([sys.executable, "-m", "services.cli", "up", "--detach"])
        state = load_state(self._data.state)
        assert state is not None
        parts = self._parts(state, began)
        return Run(wall, sum(part.cpu for part in parts), parts)

    def down(self) -> Run:
        """Stops a stack that has been up for a while: its workers have opened all of their engines."""
        time.sleep(WARM_SECONDS)
        return self._ended([sys.executable, "-m", "services.cli", "down"])

    def demo(self) -> Run:
        return self._ended(["make", "--silent", "demo", f"OUT={self._out}"])

    def memory(self) -> RestingMemory:
        """Measures a stack that has spoken a sentence and made a video, and rests since."""
        likeness = [sys.executable, "-m", "services.cli"]
        self._out.mkdir()
        self._run([*likeness, "up", "--detach"])
        self._run([*likeness, "speak", "Hello there.", "--out", str(self._out / "hello.wav")])
        video = ["--image", str(PORTRAIT), "--out", str(self._out / "hello.mp4")]
        self._run([*likeness, "render", "--script", "Hello there. How are you?", *video])
        time.sleep(WARM_SECONDS)
        state = load_state(self._data.state)
        assert state is not None
        report = asyncio.run(report_on(self._data, state))
        self._run([*likeness, "down"])
        return RestingMemory(
            {
                part.name: part.memory.pss_bytes / MIB
                for part in report.parts
                if part.memory is not None and part.memory.pss_bytes is not None
            }
        )

    def _ended(self, command: Sequence[str]) -> Run:
        """Runs a command that waits for all processes that it starts."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = self._run(command)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return Run(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def _run(self, command: Sequence[str]) -> float:
        began = time.monotonic()
        subprocess.run(command, cwd=ROOT, env=self._environment, check=True, capture_output=True)
        return time.monotonic() - began

    def _parts(self, state: StackState, began: float) -> list[PartTimes]:
        supervisor = psutil.Process(state.supervisor.pid)
        ready_at = self._data.state.stat().st_mtime
        parts = [
            PartTimes("supervisor", birth(supervisor.pid) - began, ready_at - began, own_cpu(supervisor))
        ]
        for part in state.parts:
            assert part.process is not None
            process = psutil.Process(part.process.pid)
            log = self._data.log(part.name)
            ready = ready_in(log.read_text().splitlines()) or part.started_at
            parts.append(
                PartTimes(
                    part.name,
                    birth(process.pid) - began,
                    ready - began if ready is not None else None,
                    sum(map(own_cpu, [process, *process.children(recursive=True)])),
                )
            )
        return parts


def own_cpu(process: psutil.Process) -> float:
    """Returns the CPU seconds of a process and of its children that have ended."""
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def birth(pid: int) -> float:
    """Returns when a process began, as a time of the system's clock, to a hundredth of a second.

    psutil rounds the time of the boot, and so its own answer, to a second.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def ready_in(log: Iterable[str]) -> float | None:
    """Returns the time of the first line that says that a service is ready; `None` if there is none."""
    for line in log:
        if not line.startswith("{"):
            continue
        fields = json.loads(line)
        if fields.get("event") in READY_EVENTS:
            return datetime.fromisoformat(fields["timestamp"]).timestamp()
    return None


def row(name: str, runs: Sequence[Run]) -> tuple[str, ...]:
    walls = [run.wall for run in runs]
    return (
        f"`{name}`",
        f"{median(walls):.2f}",
        f"{max(walls):.2f}",
        f"{median(run.cpu for run in runs):.2f}",
    )


def part_row(part: PartTimes) -> tuple[str, ...]:
    ready = f"{part.ready:.2f}" if part.ready is not None else ""
    return (part.name, f"{part.started:.2f}", ready, f"{part.cpu:.2f}")


def report(rounds: Sequence[tuple[Run, Run, Run]]) -> str:
    """Returns the tables of the rounds, each of `up`, `down` and `demo`."""
    ups, downs, demos = zip(*rounds, strict=True)
    names = ("likeness up", "likeness down", "make demo")
    typical = sorted(ups, key=lambda run: run.wall)[len(ups) // 2]
    return "\n\n".join(
        (
            markdown(HEAD, [row(name, runs) for name, runs in zip(names, (ups, downs, demos), strict=True)]),
            NOTE.format(warm=WARM_SECONDS, rounds=len(rounds)),
            markdown(PART_HEAD, [part_row(part) for part in typical.parts]),
            f"On {machine()}.",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    parser.add_argument("--memory", action="store_true", help="measure the memory of a stack at rest only")
    options = parser.parse_args()
    if options.memory:
        with tempfile.TemporaryDirectory(prefix="likeness-memory-") as home:
            print(Bench(Path(home)).memory())
        return
    rounds: list[tuple[Run, Run, Run]] = []
    with tempfile.TemporaryDirectory(prefix="likeness-startup-") as home:
        bench = Bench(Path(home))
        for number in range(options.rounds + 1):
            rounds.append((bench.up(), bench.down(), bench.demo()))
            walls = ", ".join(f"{run.wall:.2f}" for run in rounds[-1])
            load = os.getloadavg()[0]
            print(f"round {number}: up, down, demo in {walls} s; load {load:.1f}", flush=True)
    text = report(rounds[1:])
    print(f"\n{text}\n", flush=True)
    if options.write:
        put_between_marks(PAGE, "benchmarks.startup", text)


if __name__ == "__main__":
    main()
