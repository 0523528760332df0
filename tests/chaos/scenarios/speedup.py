"""Compares the time of ten scenes on two workers with that on one worker, in the same run."""

import statistics
import time

from tests.chaos.report import Report
from tests.chaos.scenarios.submission import new_job, submit, unfinished
from tests.chaos.scenarios.waiting import until_async
from tests.chaos.shape import as_shipped
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation

LIMIT = 0.6
SCENES = 10
STAGE_SECONDS = 2.0
TIMEOUT_SECONDS = 120.0
SHAPE = as_shipped({"tts": 1, "voice": 1, "video": 2, "mux": 1}, concurrency=1)


async def speedup(setting: Setting, repeats: int) -> Report:
    """Uses video workers with one stage at once, and stops the second one before the second half."""
    async with open_trial(setting, SHAPE, tenants=1) as trial:
        two = [await video_seconds(trial) for _ in range(repeats)]
        await trial.stack.supervisor.stop([trial.stack.services["video-1"]])
        one = [await video_seconds(trial) for _ in range(repeats)]
        report = Report("speedup", setting.bus, setting.seed)
        ratio = statistics.median(two) / statistics.median(one)
        report.figures |= {
            "scenes": SCENES,
            "stage seconds": STAGE_SECONDS,
            "two workers": [round(each, 2) for each in two],
            "one worker": [round(each, 2) for each in one],
            "ratio": round(ratio, 3),
        }
        if ratio > LIMIT:
            report.violations.append(Violation("slow", f"the ratio is {ratio:.2f}, not {LIMIT}"))
        return report


async def video_seconds(trial: Trial) -> float:
    began = time.monotonic()
    job = await submit(trial, new_job({"video": STAGE_SECONDS}, scenes=SCENES))

    async def completed() -> bool:
        return not await unfinished(trial, [job])

    assert await until_async(completed, TIMEOUT_SECONDS, poll=0.05), job.job_id
    return time.monotonic() - began
