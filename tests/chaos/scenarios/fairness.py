"""One workspace queues hundreds of videos, then others submit one: when does theirs start."""

import time

from tests.chaos.recovery import spread
from tests.chaos.report import Report
from tests.chaos.runs import Run
from tests.chaos.scenarios.orders import new_job, submit
from tests.chaos.scenarios.waiting import until
from tests.chaos.shape import as_shipped
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation

LIMIT_STAGES = 2.0
STAGE_SECONDS = 3.0
SINGLES = 5
PATIENCE_SECONDS = 300.0
SECONDS = {"tts": STAGE_SECONDS, "video": STAGE_SECONDS, "mux": STAGE_SECONDS}
SHAPE = as_shipped({"tts": 1, "voice": 1, "video": 1, "mux": 1}, concurrency=2)


async def fairness(setting: Setting, queued: int) -> Report:
    """Workspace 0 is the busy one; each other workspace submits a single video, one after the other."""
    async with open_trial(setting, SHAPE, tenants=1 + SINGLES) as trial:
        for _ in range(queued):
            await submit(trial, new_job(SECONDS))
        setting.tell(f"{queued} are queued")
        starts: list[float] = []
        whole: list[float] = []
        for workspace in range(1, 1 + SINGLES):
            first, last = await single(trial, workspace)
            starts.append(first / STAGE_SECONDS)
            whole.append(last / STAGE_SECONDS)
            setting.tell(f"started after {starts[-1]:.2f} stage lengths, its mux after {whole[-1]:.2f}")
        report = Report("fairness", setting.bus, setting.seed)
        report.figures |= {
            "queued before": queued,
            "stage seconds": STAGE_SECONDS,
            "single starts after stage lengths": spread(starts),
            "its last stage starts after stage lengths": spread(whole),
        }
        if max(starts) > LIMIT_STAGES:
            report.violations.append(
                Violation("slow", f"a single video waited {max(starts):.1f} stage lengths")
            )
        return report


async def single(trial: Trial, workspace: int) -> tuple[float, float]:
    """Seconds from its submission until its first and its last stage began."""
    submitted = time.monotonic()
    job = await submit(trial, new_job(SECONDS, workspace=workspace))

    def runs() -> list[Run]:
        return [run for run in trial.runs() if run.job == job.id]

    await until(lambda: any(run.stage.endswith("/mux") for run in runs()), PATIENCE_SECONDS, 0.1)
    found = runs()
    if not found:
        return PATIENCE_SECONDS, PATIENCE_SECONDS
    return found[0].started - submitted, found[-1].started - submitted
