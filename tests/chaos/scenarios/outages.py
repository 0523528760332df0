"""Soaks with repeated outages of one server, or with zombie workers."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import replace

from tests.chaos.faults import Injected
from tests.chaos.recovery import percentiles
from tests.chaos.report import Report
from tests.chaos.runs import Run
from tests.chaos.schedule import Fault
from tests.chaos.shape import Shape, as_shipped
from tests.chaos.soak import TENANTS, Soak, SoakOptions
from tests.chaos.trial import Setting, open_trial
from tests.chaos.violation import Violation

BROKER_EVERY_SECONDS = 20.0
RESUME_LIMIT_SECONDS = 10.0
POSTGRES_GAPS = (5.0, 40.0)
HANG_SECONDS = 60.0
"""Stage timeout: some jobs hang until it is over."""
ZOMBIE_BATCH_SIZE = 2
ZOMBIE_LEASES = (1.5, 3.0)


async def broker_kills(setting: Setting, minutes: float) -> Report:
    """Kills the broker every 20 s. Each worker must take work again within 10 s of its return."""
    shipped = as_shipped({"tts": 2, "voice": 1, "video": 3, "mux": 2}, concurrency=4)
    shape = replace(shipped, stage_timeout_seconds=HANG_SECONDS)
    options = SoakOptions(in_flight=120, pace=0.5, drain_seconds=400.0, shape=shape)
    async with open_trial(setting, shape, tenants=TENANTS) as trial:
        before = {name: trial.stack.pid(name) for name in trial.stack.services}

        async def kill_repeatedly(soak: Soak) -> None:
            end = time.monotonic() + minutes * 60
            while time.monotonic() < end:
                await soak.injector.inject(Fault(0.0, "kill broker", "broker", 0.0))
                await asyncio.sleep(BROKER_EVERY_SECONDS)

        soak = Soak("broker-kills", trial, options)
        changed: list[str] = []

        async def inject_faults(soak: Soak) -> None:
            await kill_repeatedly(soak)
            changed.extend(name for name, pid in before.items() if trial.stack.pid(name) != pid)

        report = await soak.run(inject_faults)
        check_resumption(report, soak.injector.done, trial.runs(), trial.stack.shape)
        report.violations += [Violation("restarted", f"{name} was started again") for name in changed]
        return report


def check_resumption(report: Report, kills: Sequence[Injected], runs: Sequence[Run], shape: Shape) -> None:
    """Checks when each worker takes work again. Voice workers are left out: few jobs need one."""
    names = [name for name in shape.worker_names if not name.startswith("voice")]
    times: dict[str, list[float]] = {name: [] for name in names}
    for kill, following in zip(kills, (*kills[1:], None), strict=True):
        until = following.began if following else float("inf")
        for name in names:
            starts = [run.started for run in runs if run.worker == name and kill.ended < run.started < until]
            times[name].append(min(starts) - kill.ended if starts else BROKER_EVERY_SECONDS)
    report.figures["each worker works again after"] = percentiles(
        [each for found in times.values() for each in found]
    )
    report.violations += [
        Violation("slow", f"{name} took no work for {max(found):.1f} s after the broker's return")
        for name, found in times.items()
        if max(found) > RESUME_LIMIT_SECONDS
    ]


async def postgres_restarts(setting: Setting, jobs: int) -> Report:
    """Kills or restarts PostgreSQL every 5 to 40 s until the given number of jobs have been submitted."""
    rng = random.Random(setting.seed)
    options = SoakOptions(in_flight=60, jobs=jobs)

    async def inject_faults(soak: Soak) -> None:
        assert soak.submitting is not None
        while not soak.submitting.done():
            await asyncio.wait([soak.submitting], timeout=rng.uniform(*POSTGRES_GAPS))
            kind = rng.choice(("kill postgres", "restart postgres"))
            await soak.injector.inject(Fault(0.0, kind, "postgres", 0.0))

    async with open_trial(setting, options.shape, tenants=TENANTS) as trial:
        return await Soak("postgres-restarts", trial, options).run(inject_faults)


async def zombies(setting: Setting, count: int) -> Report:
    """Pauses busy workers past their lease, and wakes them when others have taken over their stages."""
    rng = random.Random(setting.seed)
    shape = Shape(workers={"tts": 3, "voice": 1, "video": 4, "mux": 2}, skews={})
    options = SoakOptions(in_flight=60, shape=shape)
    busy = tuple(name for name in shape.worker_names if not name.startswith("voice"))

    async def inject_faults(soak: Soak) -> None:
        while len(soak.injector.done) < count:
            async with asyncio.TaskGroup() as tasks:
                for name in rng.sample(busy, ZOMBIE_BATCH_SIZE):
                    seconds = rng.uniform(*ZOMBIE_LEASES) * shape.lease_seconds
                    tasks.create_task(soak.injector.inject(Fault(0.0, "pause worker", name, seconds)))
            await asyncio.sleep(shape.lease_seconds / 2)

    async with open_trial(setting, shape, tenants=TENANTS) as trial:
        soak = Soak("zombies", trial, options)
        report = await soak.run(inject_faults)
        report.figures["stages taken over meanwhile"] = taken_over(soak.injector.done, trial.runs())
        return report


def taken_over(pauses: Sequence[Injected], runs: Sequence[Run]) -> int:
    """Counts the stages of paused workers that other workers began before the pause ended."""
    return sum(
        any(
            other.stage == run.stage
            and other.worker != run.worker
            and pause.began < other.started < pause.ended
            for other in runs
        )
        for pause in pauses
        for run in runs
        if run.worker == pause.fault.target and run.started < pause.began < (run.ended or pause.began + 1)
    )
