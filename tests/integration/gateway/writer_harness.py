"""A harness for tests of the job writer: tables, writer, a fake artifact store and a manual clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import JobCancelled, StageCancelled, StageRequested
from services.chassis.bus.codec import unpack
from services.chassis.bus.protocol import Envelope
from services.gateway.db.pool import Pool
from services.gateway.jobs.domain.events import Completed, StageEvent, Started
from services.gateway.jobs.domain.job_status import Finish, length_of_last_stage
from services.gateway.jobs.domain.models import Execution, Job, Priority, Stage
from services.gateway.jobs.messaging.outbox import Outgoing
from services.gateway.jobs.reconciler import Reconciler
from services.gateway.jobs.store import repository
from services.gateway.jobs.store.result_cache import ResultCheck
from services.gateway.jobs.store.writer import JobWriter, Limits
from tests.unit.gateway.jobs.job_examples import POLICY, build_artifact, build_job

WORKER_TIMEOUT_SECONDS = 20.0
OUTPUTS = {"tts": "speech", "video": "video", "mux": "video"}

M = TypeVar("M", bound=Message)


@dataclass
class ManualClock:
    """A clock that moves only when the test advances it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeArtifactStore:
    """An object store that has every object, of one byte, except `lost` ones."""

    def __init__(self) -> None:
        self.lost: set[str] = set()

    async def head(self, key: str) -> int | None:
        return None if key in self.lost else 1


class NullMessenger:
    """A messenger that publishes nothing: messages stay in the outbox."""

    def send(self, messages: Iterable[Outgoing]) -> None:
        return None

    def take_published(self) -> list[str]:
        return []

    def restore_published(self, ids: Sequence[str]) -> None:
        return None


@dataclass(frozen=True)
class WriterHarness:
    """A job writer, with shortcuts to apply events and to read the tables."""

    pool: Pool
    clock: ManualClock
    store: FakeArtifactStore
    writer: JobWriter

    @classmethod
    def open(cls, pool: Pool, clock: ManualClock, *, cached_jobs: int = 0) -> "WriterHarness":
        limits = Limits(
            worker_timeout=WORKER_TIMEOUT_SECONDS, garbage_delay=60, load_fresh=0, cached_jobs=cached_jobs
        )
        store = FakeArtifactStore()
        writer = JobWriter(pool, POLICY, clock, ResultCheck(store), NullMessenger(), limits, default_finish)
        return cls(pool, clock, store, writer)

    async def create(
        self, job_id: str = "video_1", workspace: str = "default", job: Job | None = None
    ) -> Job:
        job = renamed(job or build_job(), job_id, workspace, self.clock.now)
        return (await self.writer.create([job]))[0]

    async def apply(self, *events: StageEvent, job_id: str = "video_1") -> None:
        """Applies all events in one batch."""
        await self.writer.apply((job_id, event) for event in events)

    async def job(self, job_id: str = "video_1", workspace: str = "default") -> Job:
        async with self.pool.acquire() as connection:
            job = await repository.find_job(connection, workspace, job_id)
        assert job is not None
        return job

    async def stage(self, service: str, job_id: str = "video_1", workspace: str = "default") -> Stage:
        job = await self.job(job_id, workspace)
        return next(stage for stage in job.stages if stage.service == service)

    async def states(self, job_id: str = "video_1") -> list[str]:
        return [stage.state.value for stage in (await self.job(job_id)).stages]

    async def events(self, job_id: str = "video_1") -> list[str]:
        rows = await self.pool.fetch("SELECT type FROM events WHERE job_id = $1 ORDER BY id", job_id)
        return [row["type"] for row in rows]

    async def commands(self) -> list[StageRequested]:
        """Returns the commands in the outbox, in their order."""
        return [each for each in await self._outbox(broadcast=False) if isinstance(each, StageRequested)]

    async def schedule(self) -> int:
        """Runs the scheduler. Returns how many stages it has admitted."""
        return await self.writer.schedule()

    async def job_cancellations(self) -> list[str]:
        """Returns the ids of jobs whose cancellation is in the outbox."""
        messages = await self._outbox(broadcast=True)
        return [message.job_id for message in messages if isinstance(message, JobCancelled)]

    async def stage_cancellations(self) -> list[tuple[str, int, str]]:
        """Returns stage, attempt and worker of the executions whose cancellation is in the outbox."""
        messages = await self._outbox(broadcast=True)
        return [
            (message.stage.stage_id, message.stage.attempt, message.worker_id)
            for message in messages
            if isinstance(message, StageCancelled)
        ]

    async def executions(self, job_id: str = "video_1") -> list[Execution]:
        async with self.pool.acquire() as connection:
            return await repository.find_executions(connection, [job_id])

    async def clear_outbox(self) -> None:
        await self.pool.execute("DELETE FROM outbox")

    async def add_worker(
        self, *, idle: bool, service: str = "tts", silent_seconds: float = 0.0, slots: int = 1
    ) -> None:
        await self.pool.execute(
            "INSERT INTO workers (id, service, engine, concurrency, running, announced_at) "
            "VALUES ($1, $1, 'engine', $2, $3, $4) "
            "ON CONFLICT (id, engine) DO UPDATE SET concurrency = $2, running = $3, announced_at = $4",
            service,
            slots,
            0 if idle else slots,
            self.clock.now - timedelta(seconds=silent_seconds),
        )

    async def reconcile(self) -> None:
        await Reconciler(
            self.pool,
            self.writer,
            self.clock,
            interval_seconds=1,
            worker_timeout_seconds=WORKER_TIMEOUT_SECONDS,
            overrun_grace_seconds=POLICY.grace_seconds,
        ).reconcile()

    async def waiting_for_locks(self, count: int) -> bool:
        return await waiting_for_locks(self.pool, count)

    async def terminate_waiting(self) -> None:
        await terminate_waiting(self.pool)

    async def _outbox(self, *, broadcast: bool) -> Iterable[Message]:
        rows = await self.pool.fetch("SELECT * FROM outbox WHERE broadcast = $1 ORDER BY position", broadcast)
        return [unpack(Envelope(row["subject"], row["id"], row["data"], row["headers"])) for row in rows]


def default_finish(_kind: str) -> Finish:
    return length_of_last_stage


def renamed(job: Job, job_id: str, workspace: str, now: datetime) -> Job:
    """Returns the job under another id, with its stages numbered and submitted at `now`."""
    record = replace(job.record, id=job_id, workspace_id=workspace, created_at=now)
    stages = tuple(
        replace(
            stage,
            id=f"{job_id}/{stage.service}",
            job_id=job_id,
            workspace_id=workspace,
            ordinal=ordinal,
            turn_at=now,
        )
        for ordinal, stage in enumerate(job.stages)
    )
    return Job(record, stages)


def distinct_job(text: str, priority: Priority = Priority.INTERACTIVE) -> Job:
    """Returns a job whose first stage has an action key of its own."""
    job = build_job()
    stages = [replace(stage, priority=priority) for stage in job.stages]
    stages[0] = replace(stages[0], parameters={"text": text})
    return Job(replace(job.record, priority=priority), tuple(stages))


def started(service: str, attempt: int = 1, worker: str = "w1", job_id: str = "video_1") -> Started:
    return Started(f"{job_id}/{service}", attempt, worker)


def completed(service: str, attempt: int = 1, job_id: str = "video_1", **changes: Any) -> Completed:
    outputs = {OUTPUTS[service]: build_artifact(f"{service}-out")}
    event = Completed(f"{job_id}/{service}", attempt, "w1", outputs, 2.5)
    return replace(event, **changes)


async def waiting_for_locks(pool: Pool, count: int) -> bool:
    """Tells whether exactly `count` connections wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    return await pool.fetchval(f"{query} AND wait_event_type = 'Lock'") == count


async def terminate_waiting(pool: Pool) -> None:
    """Breaks the connections that wait for a lock."""
    await pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
