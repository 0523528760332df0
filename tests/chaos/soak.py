"""Load and faults for a while, then rest, then every check."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.checks import (
    Violation,
    check_all_gone,
    check_artifacts,
    check_history,
    check_jobs,
    check_processes,
    check_tables,
)
from tests.chaos.client import ApiClient
from tests.chaos.faults import FaultInjector
from tests.chaos.housekeeping import Housekeeping
from tests.chaos.load import Load
from tests.chaos.recovery import recovery_seconds, rerun_seconds, spread
from tests.chaos.report import Report, count_faults
from tests.chaos.runs import read_runs
from tests.chaos.schedule import draw_schedule
from tests.chaos.shape import Shape
from tests.chaos.stack import ChaosStack
from tests.chaos.tenants import make_tenants
from tests.chaos.truth import Truth
from tests.chaos.watch import Prints, Watcher

TENANTS = 4
WATCHERS = 6
FILL_SECONDS = 120.0
TELL_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SoakOptions:
    bus: str
    seed: int
    seconds: float
    faults: int
    in_flight: int
    pace: float = 1.0
    drain_seconds: float = 300.0
    shape: Shape = field(default_factory=Shape)


class Soak:
    """One run in the folder `root`, which must not exist yet."""

    def __init__(self, root: Path, options: SoakOptions, tell: Callable[[str], None]) -> None:
        self.options = options
        self._tell = tell
        self._stack = ChaosStack(root, options.bus, options.shape)
        self._truth = Truth(self._stack.postgres.url)
        self._housekeeping = Housekeeping(self._stack)
        self._injector = FaultInjector(self._stack, options.seed)
        self._watchers: list[Watcher] = []

    async def run(self) -> Report:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._stack.stop)
            stack.push_async_callback(self._truth.close)
            await self._stack.start()
            tenants = await make_tenants(self._stack.postgres.url, self._stack.urls[0], TENANTS)
            api = await stack.enter_async_context(ApiClient(self._stack.urls, tenants))
            load = Load(
                api,
                self._truth,
                seed=self.options.seed,
                in_flight=self.options.in_flight,
                pace=self.options.pace,
            )
            return await self._run(api, load)

    async def _run(self, api: ApiClient, load: Load) -> Report:
        prints = Prints(self._truth, load)
        self._watchers = [Watcher(api, load) for _ in range(WATCHERS)]
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(each.run()) for each in (*self._watchers, prints, self._housekeeping)
            ]
            background.append(tasks.create_task(load.follow()))
            background.append(tasks.create_task(self._tell_forever(load)))
            await self._make_trouble(tasks, load)
            drained = await self._drain(load)
            for task in background:
                task.cancel()
        await prints.sample()
        return await self._judge(api, load, prints, began, drained)

    async def _make_trouble(self, tasks: asyncio.TaskGroup, load: Load) -> None:
        """Load and faults; returns when the last fault is over and nothing is submitted any more."""
        options = self.options
        schedule = draw_schedule(options.seed, options.shape, seconds=options.seconds, faults=options.faults)
        submitting = tasks.create_task(load.run())
        try:
            async with asyncio.timeout(FILL_SECONDS):
                await load.filled.wait()
        except TimeoutError:
            self._tell("the load has not reached its level")
        await self._injector.run(schedule)
        submitting.cancel()

    async def _drain(self, load: Load) -> float:
        """Seconds until everything had ended, or all that it may take; then a rest for zombies to show."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.options.drain_seconds):
                await load.settle()
        except TimeoutError:
            self._tell("not everything has ended in time")
        drained = time.monotonic() - began
        await asyncio.sleep(2 * self.options.shape.lease_seconds)
        await load.refresh()
        return drained

    async def _judge(
        self, api: ApiClient, load: Load, prints: Prints, began: float, drained: float
    ) -> Report:
        self._tell("checking")
        seconds = time.monotonic() - began
        await asyncio.to_thread(self._housekeeping.look)
        report = Report("soak", self.options.bus, self.options.seed)
        runs = read_runs(self._stack.root)
        report.violations += await check_jobs(load, api)
        report.violations += await check_tables(self._truth)
        report.violations += await check_history(prints, self._watchers)
        report.violations += await check_artifacts(self._stack, self._truth)
        report.violations += check_processes(self._stack, self._housekeeping, runs)
        report.figures |= self._figures(load, seconds, drained)
        report.figures["stages run"] = len(runs)
        report.figures["stage again after a worker kill"] = spread(rerun_seconds(self._injector.done, runs))
        for kind, found in sorted(recovery_seconds(self._injector.done, runs).items()):
            report.figures[f"work after: {kind}"] = spread(found)
        await self._stack.stop_services()
        report.violations += check_all_gone(self._stack)
        report.violations += self._broken()
        return report

    def _broken(self) -> list[Violation]:
        """Services that ended by themselves."""
        log = self._stack.folder.log("supervisor")
        lines = log.read_text().splitlines() if log.exists() else []
        return [
            Violation("broken", line)
            for line in lines
            if "ended with status" in line and "status 0" not in line
        ]

    def _figures(self, load: Load, seconds: float, drained: float) -> dict[str, object]:
        jobs = list(load.jobs.values())
        times = [
            job.finished_at - job.submitted_at
            for job in jobs
            if job.status == "completed" and job.finished_at
        ]
        growth = self._housekeeping.growth_mib()
        return {
            "seconds": round(seconds),
            "jobs": len(jobs),
            "least in flight": load.least_in_flight,
            "ended": dict(Counter("deleted" if job.deleted else job.status for job in jobs)),
            "unanswered submissions": load.unanswered,
            "job seconds": spread(times),
            "drained after": round(drained, 1),
            "faults": len(self._injector.done),
            "faults by kind": count_faults([each.fault.kind for each in self._injector.done]),
            "videos watched": sum(watcher.followed for watcher in self._watchers),
            "largest process MiB": round(self._housekeeping.largest_mib()),
            "most growth MiB": round(max(growth.values(), default=0.0), 1),
        }

    async def _tell_forever(self, load: Load) -> None:
        while True:
            await asyncio.sleep(TELL_SECONDS)
            done = len(load.jobs) - len(load.open)
            self._tell(f"{done} done, {len(load.open)} open, {len(self._injector.done)} faults")
