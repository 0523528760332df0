"""A soak test: load and faults for a while, then a rest, then all checks."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.artifact_faults import check_artifacts
from tests.chaos.checks import (
    check_all_gone,
    check_history,
    check_jobs,
    check_processes,
    check_tables,
)
from tests.chaos.faults import FaultInjector
from tests.chaos.load import Load
from tests.chaos.process_monitor import ProcessMonitor
from tests.chaos.recovery import percentiles, recovery_seconds, rerun_seconds
from tests.chaos.report import Report, count_faults
from tests.chaos.runs import Run
from tests.chaos.schedule import draw_schedule
from tests.chaos.shape import Shape
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation
from tests.chaos.watchers import Fingerprints, Watcher

TENANTS = 4
WATCHERS = 6
FILL_SECONDS = 120.0
LOG_SECONDS = 30.0
MAX_REST_SECONDS = 20.0

InjectFaults = Callable[["Soak"], Awaitable[None]]
"""Injects faults and returns after the last one; from then on nothing is submitted."""


@dataclass(frozen=True, slots=True)
class SoakOptions:
    """Load of a soak. `pace` multiplies how long stages take; `jobs` bounds submissions, 0 does not."""

    in_flight: int
    jobs: int = 0
    pace: float = 1.0
    drain_seconds: float = 300.0
    shape: Shape = field(default_factory=Shape)


class Soak:
    """One soak on a running stack: its load, its faults, its watchers, and its checks."""

    def __init__(self, name: str, trial: Trial, options: SoakOptions) -> None:
        self.trial = trial
        self.options = options
        self.injector = FaultInjector(trial.stack, trial.database, trial.setting.seed)
        self.load = Load(
            trial.api,
            trial.database,
            seed=trial.setting.seed,
            in_flight=options.in_flight,
            jobs=options.jobs,
            pace=options.pace,
        )
        self.submitting: asyncio.Task[None] | None = None
        self._name = name
        self._fingerprints = Fingerprints(trial.database, self.load)
        self._process_monitor = ProcessMonitor(trial.stack)
        self._watchers = [Watcher(trial.api, self.load) for _ in range(WATCHERS)]

    async def run(self, inject_faults: InjectFaults) -> Report:
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            parts = (*self._watchers, self._fingerprints, self._process_monitor)
            background = [tasks.create_task(each.run()) for each in parts]
            background += [tasks.create_task(self.load.follow()), tasks.create_task(self._log_forever())]
            await self._make(inject_faults, tasks)
            drained = await self._drain()
            for task in background:
                task.cancel()
        await self._fingerprints.sample()
        return await self._check(time.monotonic() - began, drained)

    async def _make(self, inject_faults: InjectFaults, tasks: asyncio.TaskGroup) -> None:
        self.submitting = tasks.create_task(self.load.run())
        try:
            async with asyncio.timeout(FILL_SECONDS):
                await self.load.filled.wait()
        except TimeoutError:
            self.trial.setting.log("the load has not reached its level")
        await inject_faults(self)
        await self.load.stop()
        await self.submitting

    async def _drain(self) -> float:
        """Waits until all jobs have ended, or the limit; then rests, so that late reports arrive.

        Returns the seconds until all had ended.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.options.drain_seconds):
                await self.load.settle()
        except TimeoutError:
            self.trial.setting.log("not everything has ended in time")
        drained = time.monotonic() - began
        await asyncio.sleep(min(2 * self.options.shape.lease_seconds, MAX_REST_SECONDS))
        await self.load.refresh()
        return drained

    async def _check(self, seconds: float, drained: float) -> Report:
        trial = self.trial
        trial.setting.log("checking")
        await asyncio.to_thread(self._process_monitor.sample)
        report = Report(self._name, trial.setting.bus, trial.setting.seed)
        runs = trial.runs()
        report.violations += await check_jobs(self.load, trial.api, trial.database)
        report.violations += await check_tables(trial.database)
        report.violations += await check_history(self._fingerprints, self._watchers)
        report.violations += await check_artifacts(
            trial.stack, trial.database, self.injector.artifact_faults.damaged
        )
        report.violations += check_processes(trial.stack, self._process_monitor, runs)
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
            "job seconds": percentiles([job.seconds for job in completed if not job.batch]),
            "job seconds, in batches": percentiles([job.seconds for job in completed if job.batch]),
            "videos watched": sum(watcher.followed for watcher in self._watchers),
        }

    def _fault_figures(self, runs: list[Run]) -> dict[str, Any]:
        done = self.injector.done
        growth = self._process_monitor.growth_mib()
        return {
            "faults": len(done),
            "faults by kind": count_faults([each.fault.kind for each in done]),
            "largest process MiB": round(self._process_monitor.largest_mib()),
            "most growth MiB": round(max(growth.values(), default=0.0), 1),
            "stages run": len(runs),
            "stage again after a worker kill": percentiles(rerun_seconds(done, runs)),
            **{
                f"work after: {kind}": percentiles(found)
                for kind, found in sorted(recovery_seconds(done, runs).items())
            },
        }

    async def _log_forever(self) -> None:
        while True:
            await asyncio.sleep(LOG_SECONDS)
            under_way = len(self.load.open)
            done = len(self.load.jobs) - under_way
            self.trial.setting.log(f"{done} done, {under_way} open, {len(self.injector.done)} faults")


async def soak(setting: Setting, options: SoakOptions, *, seconds: float, faults: int) -> Report:
    """Runs a soak with every kind of fault, by a schedule that is drawn from the seed."""
    schedule = draw_schedule(setting.seed, options.shape, seconds=seconds, faults=faults)

    async def inject_schedule(running: Soak) -> None:
        await running.injector.run(schedule)

    async with open_trial(setting, options.shape, tenants=TENANTS) as trial:
        return await Soak("soak", trial, options).run(inject_schedule)
