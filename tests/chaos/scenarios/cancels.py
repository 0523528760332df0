"""Measures how long a cancelled render's process lives, and checks that no result appears later."""

import asyncio
import random
import time
from dataclasses import dataclass

import psutil

from tests.chaos.checks import check_all_gone, check_tables
from tests.chaos.jobs import Job
from tests.chaos.recovery import percentiles
from tests.chaos.report import Report
from tests.chaos.runs import Run
from tests.chaos.scenarios.submission import new_job, submit
from tests.chaos.scenarios.waiting import until
from tests.chaos.shape import Shape
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation

LIMIT_SECONDS = 5.0
STAGE_SECONDS = 40.0
MAX_CONCURRENCY = 5
REST_SECONDS = 15.0
POLL_SECONDS = 0.02
START_SECONDS = 30.0
SHAPE = Shape(stage_timeout_seconds=120.0, skews={})
HISTORY = """
SELECT (SELECT md5(string_agg(row_to_json(stages)::text, ',' ORDER BY id)) FROM stages) AS stages,
       (SELECT md5(string_agg(row_to_json(jobs)::text, ',' ORDER BY id)) FROM jobs) AS jobs,
       (SELECT count(*) FROM events) AS events
"""


@dataclass(slots=True)
class Cancelled:
    """A cancelled job: seconds until the API had answered, and until the engine's process was gone."""

    job: Job
    run: Run
    answered: float = 0.0
    gone_after: float | None = None


async def cancels(setting: Setting, count: int) -> Report:
    rng = random.Random(setting.seed)
    done: list[Cancelled] = []
    async with open_trial(setting, SHAPE, tenants=1) as trial:
        while len(done) < count:
            number = min(MAX_CONCURRENCY, count - len(done))
            done += await asyncio.gather(*(cancel_one(trial, rng.uniform(0, 3)) for _ in range(number)))
        await asyncio.sleep(SHAPE.lease_seconds)
        before = dict((await trial.database.fetch(HISTORY))[0])
        await asyncio.sleep(REST_SECONDS)
        after = dict((await trial.database.fetch(HISTORY))[0])
        report = build_report(trial, done)
        if before != after:
            report.violations.append(Violation("stale", f"the tables have changed: {before} {after}"))
        report.violations += await check_states(trial)
        report.violations += await check_tables(trial.database)
        await trial.stack.stop_services()
        report.violations += check_all_gone(trial.stack)
        return report


async def cancel_one(trial: Trial, delay: float) -> Cancelled:
    """Submits a long render and cancels it when it has run for a while."""
    job = await submit(trial, new_job({"video": STAGE_SECONDS}))
    await until(lambda: bool(renders(trial, job)), START_SECONDS, 0.2)
    run = renders(trial, job)[0]
    engine = psutil.Process(run.pid)
    await asyncio.sleep(delay)
    began = time.monotonic()
    await trial.api.cancel(job.workspace, job.job_id)
    cancelled = Cancelled(job, run, time.monotonic() - began)
    if await until(lambda: not engine.is_running(), STAGE_SECONDS, POLL_SECONDS):
        cancelled.gone_after = time.monotonic() - began
    return cancelled


def renders(trial: Trial, job: Job) -> list[Run]:
    return [run for run in trial.runs() if run.job == job.id and run.stage.endswith("/video")]


def build_report(trial: Trial, done: list[Cancelled]) -> Report:
    report = Report("cancels", trial.setting.bus, trial.setting.seed)
    found = percentiles([each.gone_after for each in done if each.gone_after is not None])
    report.figures |= {
        "cancels": len(done),
        "answered after": percentiles([each.answered for each in done]),
        "engine gone after": found,
    }
    jobs = {each.job.id for each in done}
    stages = [run.stage for run in trial.runs() if run.job in jobs]
    for each in done:
        if each.gone_after is None or each.run.ended is not None:
            report.violations.append(Violation("orphans", f"{each.run.stage} went on"))
        if stages.count(each.run.stage) > 1:
            report.violations.append(Violation("stale", f"{each.run.stage} ran again"))
        if f"{each.job.id}/mux" in stages:
            report.violations.append(Violation("stale", f"{each.job.id} went on to its mux"))
    if found["p99"] > LIMIT_SECONDS:
        report.violations.append(Violation("slow", f"p99 is {found['p99']} s, not {LIMIT_SECONDS:g}"))
    return report


async def check_states(trial: Trial) -> list[Violation]:
    """Checks that every video was cancelled and that no render has an output."""
    rows = await trial.database.fetch(
        """SELECT stages.id FROM stages JOIN jobs ON jobs.id = stages.job_id
        WHERE jobs.status <> 'cancelled' OR stages.service <> 'tts' AND stages.state <> 'cancelled'
        OR stages.service <> 'tts' AND stages.outputs::text <> '{}'"""
    )
    return [Violation("stale", f"{row['id']} is not as a cancelled stage") for row in rows]
