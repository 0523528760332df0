"""Measures when the single video of a workspace starts after another has queued hundreds."""

import time

from tests.chaos.recovery import percentiles
from tests.chaos.report import Report
from tests.chaos.runs import Run
from tests.chaos.scenarios.submission import new_job, submit
from tests.chaos.scenarios.waiting import until
from tests.chaos.shape import as_shipped
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation

LIMIT_STAGES = 2.0
STAGE_SECONDS = 3.0
SINGLES = 5
TIMEOUT_SECONDS = 300.0
SECONDS = {"tts": STAGE_SECONDS, "video": STAGE_SECONDS, "mux": STAGE_SECONDS}
SHAPE = as_shipped({"tts": 1, "voice": 1, "video": 1, "mux": 1}, concurrency=2)


async def fairness(setting: Setting, queued: int) -> Report:
    """Lets workspace 0 queue many videos, then each other workspace one, one after the other."""
    async with open_trial(setting, SHAPE, tenants=1 + SINGLES) as trial:
        for _ in range(queued):
            await submit(trial, new_job(SECONDS))
        setting.log(f"{queued} are queued")
        starts: list[float] = []
        last_starts: list[float] = []
        for workspace in range(1, 1 + SINGLES):
            first, last = await single(trial, workspace)
            starts.append(first / STAGE_SECONDS)
            last_starts.append(last / STAGE_SECONDS)
            setting.log(f"started after {starts[-1]:.2f} stage lengths, its mux after {last_starts[-1]:.2f}")
        report = Report("fairness", setting.bus, setting.seed)
        report.figures |= {
            "queued before": queued,
            "stage seconds": STAGE_SECONDS,
            "single starts after stage lengths": percentiles(starts),
            "its last stage starts after stage lengths": percentiles(last_starts),
        }
        if max(starts) > LIMIT_STAGES:
            report.violations.append(
                Violation("slow", f"a single video waited {max(starts):.1f} stage lengths")
            )
        return report


async def single(trial: Trial, workspace: int) -> tuple[float, float]:
    """Submits a video. Returns the seconds until its first and its last stage began."""
    submitted = time.monotonic()
    job = await submit(trial, new_job(SECONDS, workspace=workspace))

    def runs() -> list[Run]:
        return [run for run in trial.runs() if run.job == job.id]

    await until(lambda: any(run.stage.endswith("/mux") for run in runs()), TIMEOUT_SECONDS, 0.1)
    found = runs()
    if not found:
        return TIMEOUT_SECONDS, TIMEOUT_SECONDS
    return found[0].started - submitted, found[-1].started - submitted
