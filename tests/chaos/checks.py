"""Checks the invariants that must hold when the faults are over and all jobs have ended."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.chaos.client import ApiClient
from tests.chaos.database import Database
from tests.chaos.engines.instructions import read_instructions
from tests.chaos.jobs import Job
from tests.chaos.load import Load
from tests.chaos.process_monitor import GROWTH_LIMIT_MIB, ProcessMonitor, left_files, left_stage_folders
from tests.chaos.runs import Run, still_working
from tests.chaos.stack import ChaosStack, engine_processes
from tests.chaos.violation import Violation
from tests.chaos.watchers import Fingerprints, Watcher

SCRIPTS = "SELECT parameters ->> 'text' AS text FROM stages WHERE name = 'scene-0/tts'"
INVARIANTS: Mapping[str, tuple[str, str]] = {
    "a video has not ended": ("stuck", "SELECT id FROM jobs WHERE status IN ('queued', 'in_progress')"),
    "a stage of an ended video has not ended": (
        "stuck",
        """SELECT stages.id FROM stages JOIN jobs ON jobs.id = stages.job_id
        WHERE jobs.status IN ('completed', 'failed', 'cancelled')
        AND stages.state NOT IN ('completed', 'failed', 'cancelled')""",
    ),
    "a completed video has a stage that is not completed": (
        "lost",
        """SELECT stages.id FROM stages JOIN jobs ON jobs.id = stages.job_id
        WHERE jobs.status = 'completed' AND stages.state <> 'completed'""",
    ),
    "a completed stage has no output": (
        "lost",
        "SELECT id FROM stages WHERE state = 'completed' AND outputs::text = '{}'",
    ),
    "an action key has two billable results": (
        "duplicates",
        """SELECT workspace_id, action_key FROM stages WHERE billable AND NOT no_cache
        GROUP BY workspace_id, action_key HAVING count(*) > 1""",
    ),
    "a result was computed and is not billed to anyone": (
        "duplicates",
        """SELECT id FROM stages
        WHERE state = 'completed' AND cache = 'miss' AND NOT billable AND NOT EXISTS (
            SELECT FROM stages AS payer WHERE payer.billable
            AND (payer.workspace_id, payer.action_key) = (stages.workspace_id, stages.action_key))""",
    ),
    "a stage was completed twice": (
        "duplicates",
        """SELECT stage_id FROM executions WHERE outcome = 'completed'
        GROUP BY stage_id HAVING count(*) > 1""",
    ),
    "an execution of an ended stage has not ended": (
        "stale",
        """SELECT executions.* FROM executions JOIN stages ON stages.id = executions.stage_id
        WHERE outcome IS NULL AND state IN ('completed', 'failed', 'cancelled')""",
    ),
    "a video has ended more than once": (
        "stale",
        """SELECT job_id FROM events WHERE type IN ('video.completed', 'video.failed', 'video.cancelled')
        GROUP BY job_id HAVING count(*) > 1""",
    ),
    "something happened to a video after its end": (
        "stale",
        """SELECT events.job_id, events.type FROM events JOIN events AS ends USING (job_id)
        WHERE ends.type IN ('video.completed', 'video.failed', 'video.cancelled')
        AND events.id > ends.id""",
    ),
    "a message was never published": ("stuck", "SELECT id FROM outbox"),
}


async def check_jobs(load: Load, api: ApiClient, database: Database) -> list[Violation]:
    """Checks that every submitted job has ended as expected, and was created once for each key.

    The API's own explanation stands beside each job that has not ended.
    """
    found = [
        Violation("lost", describe(job))
        for job in load.jobs.values()
        if job.ended and not job.ended_as_expected
    ]
    for job in load.open:
        video = await api.get(job.workspace, job.job_id)
        found.append(Violation("stuck", f"{describe(job)}: {video}"))
    submitted = Counter(job.id for job in load.jobs.values())
    made = Counter(read_instructions(row["text"]).job for row in await database.fetch(SCRIPTS))
    for job_id, surplus in (made - submitted).items():
        found.append(Violation("duplicates", f"{job_id} was made {surplus} times more often than asked for"))
    return found


def describe(job: Job) -> str:
    wanted = "cancelled" if job.cancelled_at else job.failure or "completed"
    return f"{job.job_id} ({job.id}) is {job.status} {job.error}, not {wanted}"


async def check_tables(database: Database) -> list[Violation]:
    found: list[Violation] = []
    for what, (kind, sql) in INVARIANTS.items():
        found += [Violation(kind, f"{what}: {dict(row)}") for row in await database.fetch(sql)]
    return found


async def check_history(fingerprints: Fingerprints, watchers: Sequence[Watcher]) -> list[Violation]:
    found = [
        Violation("stale", f"{stage} has changed after it had ended")
        for stage in await fingerprints.changed()
    ]
    return found + [Violation("stale", each) for watcher in watchers for each in watcher.problems]


def check_processes(
    stack: ChaosStack, process_monitor: ProcessMonitor, runs: Sequence[Run]
) -> list[Violation]:
    """Checks that no engine runs or has outlived its worker, and that no stage has left its folder."""
    found = [
        Violation("orphans", f"engine process {pid} has outlived its worker")
        for pid in process_monitor.orphans
    ]
    found += [
        Violation("orphans", f"{run.worker} ({run.pid}) worked on {run.stage} when its worker had gone")
        for run in runs
        if run.outlived
    ]
    ages = {process.pid: time.time() - process.create_time() for process, _ in engine_processes(stack.root)}
    found += [
        Violation("orphans", f"{run.worker} ({run.pid}) still works on {run.stage}")
        for run in still_working(runs, ages, time.monotonic())
    ]
    found += [Violation("leaks", f"{path} is left") for path in left_stage_folders(stack.root)]
    return found + [
        Violation("memory", f"{name} has grown by {growth:.0f} MiB")
        for name, growth in process_monitor.growth_mib().items()
        if growth > GROWTH_LIMIT_MIB
    ]


def check_all_gone(stack: ChaosStack) -> list[Violation]:
    """Checks that no file or engine process is left after the services have stopped in order."""
    found = [Violation("leaks", f"{path} is left after the end") for path in left_files(stack.root)]
    for process, _ in engine_processes(stack.root):
        found.append(Violation("orphans", f"engine process {process.pid} lives on after the end"))
        process.kill()
    return found
