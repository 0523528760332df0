"""Load and trouble for a while, then rest, then every check."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.artifacts import check_artifacts
from tests.chaos.checks import (
    check_all_gone,
    check_history,
    check_jobs,
    check_processes,
    check_tables,
)
from tests.chaos.faults import FaultInjector
from tests.chaos.housekeeping import Housekeeping
from tests.chaos.load import Load
from tests.chaos.recovery import recovery_seconds, rerun_seconds, spread
from tests.chaos.report import Report, count_faults
from tests.chaos.runs import Run
from tests.chaos.schedule import draw_schedule
from tests.chaos.shape import Shape
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation
from tests.chaos.watch import Prints, Watcher

TENANTS = 4
WATCHERS = 6
FILL_SECONDS = 120.0
TELL_SECONDS = 30.0
LONGEST_REST_SECONDS = 20.0

Trouble = Callable[["Soak"], Awaitable[None]]
"""Returns when no more faults are to come; from then on nothing is submitted."""


@dataclass(frozen=True, slots=True)
class SoakOptions:
    """`pace` multiplies how long stages take; `jobs` bounds how many are submitted, zero does not."""

    in_flight: int
    jobs: int = 0
    pace: float = 1.0
    drain_seconds: float = 300.0
    shape: Shape = field(default_factory=Shape)


class Soak:
    def __init__(self, name: str, trial: Trial, options: SoakOptions) -> None:
        self.trial = trial
        self.options = options
        self.injector = FaultInjector(trial.stack, trial.truth, trial.setting.seed)
        self.load = Load(
            trial.api,
            trial.truth,
            seed=trial.setting.seed,
            in_flight=options.in_flight,
            jobs=options.jobs,
            pace=options.pace,
        )
        self.submitting: asyncio.Task[None] | None = None
        self._name = name
        self._prints = Prints(trial.truth, self.load)
        self._housekeeping = Housekeeping(trial.stack)
        self._watchers = [Watcher(trial.api, self.load) for _ in range(WATCHERS)]

    async def run(self, trouble: Trouble) -> Report:
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            parts = (*self._watchers, self._prints, self._housekeeping)
            background = [tasks.create_task(each.run()) for each in parts]
            background += [tasks.create_task(self.load.follow()), tasks.create_task(self._tell_forever())]
            await self._make(trouble, tasks)
            drained = await self._drain()
            for task in background:
                task.cancel()
        await self._prints.sample()
        return await self._judge(time.monotonic() - began, drained)

    async def _make(self, trouble: Trouble, tasks: asyncio.TaskGroup) -> None:
        self.submitting = tasks.create_task(self.load.run())
        try:
            async with asyncio.timeout(FILL_SECONDS):
                await self.load.filled.wait()
        except TimeoutError:
            self.trial.setting.tell("the load has not reached its level")
        await trouble(self)
        await self.load.stop()
        await self.submitting

    async def _drain(self) -> float:
        """Seconds until everything had ended, or all that it may take; then a rest for zombies to show."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.options.drain_seconds):
                await self.load.settle()
        except TimeoutError:
            self.trial.setting.tell("not everything has ended in time")
        drained = time.monotonic() - began
        await asyncio.sleep(min(2 * self.options.shape.lease_seconds, LONGEST_REST_SECONDS))
        await self.load.refresh()
        return drained

    async def _judge(self, seconds: float, drained: float) -> Report:
        trial = self.trial
        trial.setting.tell("checking")
        await asyncio.to_thread(self._housekeeping.look)
        report = Report(self._name, trial.setting.bus, trial.setting.seed)
        runs = trial.runs()
        report.violations += await check_jobs(self.load, trial.api, trial.truth)
        report.violations += await check_tables(trial.truth)
        report.violations += await check_history(self._prints, self._watchers)
        report.violations += await check_artifacts(trial.stack, trial.truth, self.injector.thief.harmed)
        report.violations += check_processes(trial.stack, self._housekeeping, runs)
        report.figures |= {"seconds": round(seconds), "drained after": round(drained, 1)}
        report.figures |= self._load_figures() | self._fault_figures(runs)
        await trial.stack.stop_services()
        report.violations += check_all_gone(trial.stack)
        report.violations += [Violation("broken", line) for line in trial.stack.broken_services()]
        return report

    def _load_figures(self) -> dict[str, Any]:
        jobs = list(self.load.jobs.values())
        completed = [job for job in jobs if job.status == "completed"]
        return {
            "jobs": len(jobs),
            "least in flight": self.load.least_in_flight,
            "ended": dict(Counter("deleted" if job.deleted else job.status for job in jobs)),
            "requests without an answer": dict(self.trial.api.unanswered),
            "job seconds": spread([job.seconds for job in completed if not job.batch]),
            "job seconds, in batches": spread([job.seconds for job in completed if job.batch]),
            "videos watched": sum(watcher.followed for watcher in self._watchers),
        }

    def _fault_figures(self, runs: list[Run]) -> dict[str, Any]:
        done = self.injector.done
        growth = self._housekeeping.growth_mib()
        return {
            "faults": len(done),
            "faults by kind": count_faults([each.fault.kind for each in done]),
            "largest process MiB": round(self._housekeeping.largest_mib()),
            "most growth MiB": round(max(growth.values(), default=0.0), 1),
            "stages run": len(runs),
            "stage again after a worker kill": spread(rerun_seconds(done, runs)),
            **{
                f"work after: {kind}": spread(found)
                for kind, found in sorted(recovery_seconds(done, runs).items())
            },
        }

    async def _tell_forever(self) -> None:
        while True:
            await asyncio.sleep(TELL_SECONDS)
            under_way = len(self.load.open)
            done = len(self.load.jobs) - under_way
            self.trial.setting.tell(f"{done} done, {under_way} open, {len(self.injector.done)} faults")


async def soak(setting: Setting, options: SoakOptions, *, seconds: float, faults: int) -> Report:
    """Every kind of fault, by a schedule that is drawn from the seed."""
    schedule = draw_schedule(setting.seed, options.shape, seconds=seconds, faults=faults)

    async def everything(running: Soak) -> None:
        await running.injector.run(schedule)

    async with open_trial(setting, options.shape, tenants=TENANTS) as trial:
        return await Soak("soak", trial, options).run(everything)
