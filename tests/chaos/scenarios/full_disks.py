"""Fills the disks of broker, store and database, or those for temporary files, and frees them again.

Meanwhile jobs run, and new ones are asked for. Requests may be refused, with a clear 503; nothing may be
lost.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import asyncpg

from tests.chaos.checks import check_tables
from tests.chaos.jobs import Job
from tests.chaos.report import Report
from tests.chaos.scenarios.outage_client import OutageClient, Stream
from tests.chaos.scenarios.submission import new_job, request_of, statuses, unfinished
from tests.chaos.scenarios.waiting import until_async
from tests.chaos.shape import as_shipped
from tests.chaos.small_disk import small_disks
from tests.chaos.trial import Setting, Trial, open_trial
from tests.chaos.violation import Violation

LIMIT_SECONDS = 60.0
TIMEOUT_SECONDS = 120.0
NOTICE_SECONDS = 6.0
"""Within so many seconds readiness says that a disk is full: a check takes up to 4 s, and holds for 1 s."""
WARM_SECONDS = 4.0
STREAMS = 3
LONG = {"video": 8.0}
"""Stages of the jobs that run while the disks become full."""
MAX_LINES_PER_SECOND = 20.0
LOG_WRITES = 2000
"""More than fits into the files that the log has already, each of 16 MiB."""
SHAPE = replace(
    as_shipped({"tts": 1, "voice": 1, "video": 1, "mux": 1}, concurrency=4),
    gateways=1,
    supervised_servers=True,
)
EXECUTIONS = """
SELECT coalesce(executions.reason, executions.outcome, 'running') AS ending, count(*) AS n
FROM executions GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """Disks to fill: `folders` are below the stack's, `checks` are what readiness must then name."""

    folders: Sequence[str]
    checks: frozenset[str]


FULL_DISKS = ("full-bus", "full-store", "full-database", "full-all", "full-temporary")


def filled(bus: str) -> Mapping[str, Filled]:
    """Returns what each scenario fills, by its name."""
    servers = {"bus": bus, "store": "s3", "database": "postgres"}
    single = {f"full-{name}": Filled([folder], frozenset({name})) for name, folder in servers.items()}
    return single | {
        "full-all": Filled(list(servers.values()), frozenset(servers)),
        "full-temporary": Filled(["scratch", "tmp"], frozenset()),
    }


def full_disks(name: str) -> Callable[[Setting, int], Awaitable[Report]]:
    """Returns the scenario of this name; its count is the number of seconds for which the disks stay full."""
    return partial(run_full_disks, name)


async def run_full_disks(name: str, setting: Setting, seconds: int) -> Report:
    which = filled(setting.bus)[name]
    with small_disks([setting.root / folder for folder in which.folders]) as disks:
        async with open_trial(setting, SHAPE, tenants=1) as trial:
            async with OutageClient(trial) as client:
                outage = Outage(trial, client, which)
                await outage.begin()
                for disk in disks:
                    disk.fill()
                outage.note("full")
                if "database" in which.checks:
                    await exhaust_log(trial.stack.postgres.url)
                await asyncio.sleep(seconds)
                for disk in disks:
                    disk.free()
                outage.note("freed")
                await outage.until_over()
                report = Report(name, setting.bus, setting.seed)
                await outage.fill_in(report)
            return report


async def exhaust_log(database_url: str) -> None:
    """Writes to PostgreSQL's log until there is no space for its next file, which ends PostgreSQL."""
    connection = await asyncpg.connect(database_url)
    try:
        for _ in range(LOG_WRITES):
            await connection.execute("SELECT pg_logical_emit_message(true, 'chaos', repeat('x', 65536))")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return
    finally:
        connection.terminate()
    raise AssertionError("PostgreSQL has found space for its log on a full disk.")


class Outage:
    """The load of a run, and what is seen of it before, while and after the disks are full."""

    def __init__(self, trial: Trial, client: OutageClient, which: Filled) -> None:
        self._trial = trial
        self._client = client
        self._which = which
        self._moments: dict[str, float] = {}
        self._streams: list[Stream] = []
        self._lines_before: dict[Path, int] = {}

    def note(self, what: str) -> None:
        self._moments[what] = time.monotonic()
        self._trial.setting.log(what)

    async def begin(self) -> None:
        """Submits jobs, some of them long and followed, until a few have ended."""
        for _ in range(STREAMS):
            job = new_job(LONG)
            await self._client.submit(job, request_of(self._trial, job))
            self._streams.append(self._client.follow(job))
        self._client.start_asking(lambda: new_job({"video": 0.5}))
        await asyncio.sleep(WARM_SECONDS)
        self._lines_before = count_lines(self._trial.stack.folder.logs)
        self.note("begun")

    async def until_over(self) -> None:
        """Waits until all that was asked for is done, and readiness says that all is well."""
        await until_async(self._is_ready, TIMEOUT_SECONDS)
        self.note("ready")
        await self._client.stop_asking()
        self.note("all accepted")
        await until_async(self._all_completed, TIMEOUT_SECONDS)
        self.note("completed")
        await asyncio.wait([stream.task for stream in self._streams], timeout=10)

    async def fill_in(self, report: Report) -> None:
        jobs = self._client.jobs
        report.figures |= {
            "jobs": len(jobs),
            "answers": dict(Counter(str(each.status) for each in self._client.answers)),
            "seconds from space to": {
                what: round(self._moments[what] - self._moments["freed"], 1)
                for what in ("ready", "all accepted", "completed")
            },
            "readiness while full": self._said_while_full(),
            "endings of runs": {
                row["ending"]: row["n"] for row in await self._trial.database.fetch(EXECUTIONS)
            },
            "restarts": {state.name: state.restarts for state in self._trial.stack.supervisor.states()},
            "log lines a second": self._lines_per_second(),
        }
        report.violations += await self._losses(jobs)
        report.violations += self._refusals()
        report.violations += self._lies()
        report.violations += await check_tables(self._trial.database)
        report.violations += [
            Violation("broken", f"the stream of {stream.job.job_id} ended: {stream.problem}")
            for stream in self._streams
            if stream.problem
        ]
        report.violations += [
            Violation("noisy", f"{name} logs {rate} lines a second")
            for name, rate in self._lines_per_second().items()
            if rate > MAX_LINES_PER_SECOND
        ]

    async def _is_ready(self) -> bool:
        return bool(self._client.readiness) and self._client.readiness[-1].status == 200

    async def _all_completed(self) -> bool:
        return not await unfinished(self._trial, self._client.jobs)

    async def _losses(self, jobs: Sequence[Job]) -> list[Violation]:
        found = await statuses(self._trial, jobs)
        took = self._moments["completed"] - self._moments["freed"]
        late = [Violation("slow", f"all was done {took:.1f} s after the disks were free")]
        lost = [
            Violation("lost", f"{job.job_id} ({job.id}) is {found.get(job.job_id)}")
            for job in jobs
            if found.get(job.job_id) != "completed"
        ]
        return lost + (late if took > LIMIT_SECONDS else [])

    def _refusals(self) -> list[Violation]:
        """Returns the answers that are no clear refusal."""
        return [
            Violation("unclear", f"{each.request}: {each.status} {each.body[:300]}")
            for each in self._client.answers
            if each.status >= 400 and not (each.status == 503 and each.retry_after)
        ]

    def _lies(self) -> list[Violation]:
        """Returns what readiness said wrongly, when it had had the time to notice."""
        full, freed, done = (self._moments[name] for name in ("full", "freed", "completed"))
        wrong = [
            *(
                each
                for each in self._client.readiness
                if full + NOTICE_SECONDS < each.at < freed and each.problems() != self._which.checks
            ),
            *(each for each in self._client.readiness if each.at < full and each.problems()),
            *(each for each in self._client.readiness if each.at > done and each.problems()),
        ]
        return [
            Violation("untrue", f"{each.at - full:.1f} s after the disks were full: {each.body}")
            for each in wrong
        ]

    def _said_while_full(self) -> dict[str, int]:
        full, freed = self._moments["full"], self._moments["freed"]
        said = Counter(
            " ".join(sorted(each.problems())) or "ok"
            for each in self._client.readiness
            if full < each.at < freed
        )
        return dict(said)

    def _lines_per_second(self) -> dict[str, float]:
        seconds = self._moments["completed"] - self._moments["begun"]
        now = count_lines(self._trial.stack.folder.logs)
        written = {log.stem: count - self._lines_before.get(log, 0) for log, count in now.items()}
        return {name: round(count / seconds, 1) for name, count in written.items() if count}


def count_lines(logs: Path) -> dict[Path, int]:
    return {log: log.read_bytes().count(b"\n") for log in logs.glob("*.log")}
