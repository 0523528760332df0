"""Measures how long it takes until all jobs have run after the broker has lost its data."""

import signal
import time

from tests.chaos.checks import check_tables
from tests.chaos.recovery import percentiles
from tests.chaos.report import Report
from tests.chaos.scenarios.submission import new_job, submit, unfinished
from tests.chaos.scenarios.waiting import until_async
from tests.chaos.shape import as_shipped
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation

LIMIT_SECONDS = 60.0
TIMEOUT_SECONDS = 180.0
SHAPE = as_shipped({"tts": 2, "voice": 1, "video": 3, "mux": 2}, concurrency=4)
FIRST = ("tts-0", "tts-1")


async def broker_wipe(setting: Setting, jobs: int) -> Report:
    """Wipes the broker while the jobs' first stages wait for paused workers. Uses the default lease."""
    async with open_trial(setting, SHAPE, tenants=1) as trial:
        for name in FIRST:
            trial.stack.send(name, signal.SIGSTOP)
        submitted = [await submit(trial, new_job({})) for _ in range(jobs)]
        states = await trial.database.fetch("SELECT state, count(*) AS n FROM stages GROUP BY state")
        await trial.stack.broker.kill()
        trial.stack.broker.wipe()
        for name in FIRST:
            trial.stack.send(name, signal.SIGCONT)
        await trial.stack.broker.start()
        returned = time.monotonic()
        await until_async(lambda: has_run(trial, {job.id for job in submitted}), TIMEOUT_SECONDS)

        async def completed() -> bool:
            return not await unfinished(trial, submitted)

        await until_async(completed, TIMEOUT_SECONDS)
        took = time.monotonic() - returned
        report = Report("broker-wipe", setting.bus, setting.seed)
        first = first_runs(trial, returned)
        report.figures |= {
            "jobs": jobs,
            "stages at the wipe": {row["state"]: row["n"] for row in states},
            "first stage ran after": percentiles(first),
            "all completed after": round(took, 1),
        }
        left = await unfinished(trial, submitted)
        report.violations += [Violation("lost", f"{each} has not completed") for each in left]
        if len(first) < jobs or max(first) > LIMIT_SECONDS:
            report.violations.append(Violation("slow", f"not all ran within {LIMIT_SECONDS:g} s"))
        report.violations += await check_tables(trial.database)
        return report


async def has_run(trial: Trial, jobs: set[str]) -> bool:
    return jobs <= {run.job for run in trial.runs() if run.ended is not None}


def first_runs(trial: Trial, since: float) -> list[float]:
    """Returns the seconds from the broker's return until each job's first stage began."""
    return [run.started - since for run in trial.runs() if run.stage.endswith("/tts")]
