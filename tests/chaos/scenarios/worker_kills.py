"""Measures how long it takes until stages of killed workers run again elsewhere, with the default lease."""

import asyncio
import random
import signal
import time
from dataclasses import dataclass

from tests.chaos.checks import check_all_gone, check_tables
from tests.chaos.jobs import Job
from tests.chaos.process_monitor import ProcessMonitor
from tests.chaos.recovery import next_start, percentiles
from tests.chaos.report import Report
from tests.chaos.runs import Run, by_stage
from tests.chaos.scenarios.submission import new_job, submit, unfinished
from tests.chaos.scenarios.waiting import until, until_async
from tests.chaos.shape import as_shipped
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation

LIMIT_SECONDS = 75.0
TIMEOUT_SECONDS = 150.0
STAGE_SECONDS = 25.0
MAX_CONCURRENCY = 10
WORKERS = 2 * MAX_CONCURRENCY + 2
START_SECONDS = 60.0
POLL_SECONDS = 0.5
SHAPE = as_shipped({"tts": 1, "voice": 1, "video": WORKERS, "mux": 1}, concurrency=1)


@dataclass(frozen=True, slots=True)
class Kill:
    """The kill of a worker while it ran a stage; `at` is of the monotonic clock."""

    stage: str
    at: float


async def worker_kills(setting: Setting, kills: int) -> Report:
    """Kills workers in rounds of ten. Each round has new jobs; those of the last one finish meanwhile."""
    rng = random.Random(setting.seed)
    jobs: list[Job] = []
    done: list[Kill] = []
    async with open_trial(setting, SHAPE, tenants=1) as trial:
        process_monitor = ProcessMonitor(trial.stack)
        watching = asyncio.create_task(process_monitor.run())
        while len(done) < kills:
            fresh = [
                new_job({"video": STAGE_SECONDS}) for _ in range(min(MAX_CONCURRENCY, kills - len(done)))
            ]
            jobs += [await submit(trial, job) for job in fresh]
            done += await kill_round(trial, rng, {job.id for job in fresh})
            setting.log(f"{len(done)} kills")
        await until_async(lambda: all_completed(trial, jobs), TIMEOUT_SECONDS)
        watching.cancel()
        return await build_report(trial, jobs, done, process_monitor)


async def kill_round(trial: Trial, rng: random.Random, fresh: set[str]) -> list[Kill]:
    """Kills the worker of each of the jobs at its own moment; returns when all their stages run again."""
    await until(lambda: len(busy(trial, fresh)) == len(fresh), START_SECONDS, POLL_SECONDS)
    kills: list[Kill] = []
    for run in sorted(busy(trial, fresh), key=lambda _: rng.random()):
        await asyncio.sleep(rng.uniform(0.0, 1.0))
        trial.stack.send(run.worker, signal.SIGKILL)
        kills.append(Kill(run.stage, time.monotonic()))
    await until(lambda: None not in seconds_until_rerun(trial.runs(), kills), TIMEOUT_SECONDS, POLL_SECONDS)
    return kills


def busy(trial: Trial, jobs: set[str]) -> list[Run]:
    return [
        run for run in trial.runs() if run.job in jobs and run.stage.endswith("/video") and run.ended is None
    ]


def seconds_until_rerun(runs: list[Run], kills: list[Kill]) -> list[float | None]:
    """Returns the seconds from each kill until its stage began again; `None` if it has not."""
    stages = by_stage(runs)
    starts = [next_start(stages[kill.stage], kill.at) for kill in kills]
    return [None if start is None else start - kill.at for start, kill in zip(starts, kills, strict=True)]


async def all_completed(trial: Trial, jobs: list[Job]) -> bool:
    return not await unfinished(trial, jobs)


async def build_report(
    trial: Trial, jobs: list[Job], kills: list[Kill], process_monitor: ProcessMonitor
) -> Report:
    report = Report("worker-kills", trial.setting.bus, trial.setting.seed)
    times = seconds_until_rerun(trial.runs(), kills)
    found = percentiles([each for each in times if each is not None])
    report.figures |= {"kills": len(kills), "lease": SHAPE.lease_seconds, "runs again after": found}
    report.violations += [
        Violation("lost", f"{each} has not completed") for each in await unfinished(trial, jobs)
    ]
    report.violations += [
        Violation("stuck", f"{kill.stage} never ran again")
        for kill, seconds in zip(kills, times, strict=True)
        if seconds is None
    ]
    if found["p99"] > LIMIT_SECONDS:
        report.violations.append(Violation("slow", f"p99 is {found['p99']} s, not {LIMIT_SECONDS:g}"))
    report.violations += [Violation("orphans", f"process {pid}") for pid in process_monitor.orphans]
    report.violations += await check_tables(trial.database)
    await trial.stack.stop_services()
    report.violations += check_all_gone(trial.stack)
    return report
