"""Reads jobs, stages, executions and events from PostgreSQL.

Every function runs on the connection that it is given, in the transaction of its caller.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries
from services.gateway.jobs.domain.models import Execution, Job, JobRecord, JobStatus, KnownKey, Stage
from services.gateway.jobs.store.row_mapping import (
    execution_from_row,
    record_from_row,
    stage_from_row,
)

SQL = load_queries("services.gateway.jobs.store")
EVENTS_CHANNEL = "likeness_events"
MANY_ROWS = 200
"""Stages from which reading them takes milliseconds."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of the table of events, for clients."""

    id: int
    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Selects a part of a list: up to `limit` jobs after the id `after`.

    `status`, `kind` and `metadata` filter the list if they are given.
    """

    limit: int
    after: str | None = None
    ascending: bool = False
    status: JobStatus | None = None
    kind: str | None = None
    metadata: Mapping[str, str] | None = None


async def read_jobs(connection: Connection, job_ids: Sequence[str]) -> dict[str, tuple[Job, int]]:
    """Returns jobs with the revision of their record, by job id; deleted jobs are left out.

    The read is no snapshot: stages newer than the revision are detected when the job is written. A job
    without stages has been deleted between the two queries.
    """
    rows = await connection.fetch(SQL["select_jobs"], job_ids)
    jobs = await _with_stages(connection, [record_from_row(row) for row in rows])
    return {row["id"]: (jobs[row["id"]], row["revision"]) for row in rows if jobs[row["id"]].stages}


async def find_job(connection: Connection, workspace_id: str, job_id: str) -> Job | None:
    """Returns `None` if the workspace has no such job.

    A job without stages has been deleted between the two queries.
    """
    row = await connection.fetchrow(SQL["select_job"], job_id, workspace_id)
    if row is None:
        return None
    job = (await _with_stages(connection, [record_from_row(row)]))[job_id]
    return job if job.stages else None


async def find_jobs(connection: Connection, job_ids: Sequence[str]) -> list[Job]:
    """Returns the jobs that exist, in the order of the ids."""
    rows = await connection.fetch(SQL["select_jobs"], job_ids)
    found = await _with_stages(connection, [record_from_row(row) for row in rows])
    return [found[job_id] for job_id in job_ids if job_id in found]


async def list_jobs(connection: Connection, workspace_id: str, part: Listing) -> list[Job]:
    """Returns an empty list if `after` is not a job of this workspace."""
    moment: datetime | None = None
    if part.after is not None:
        found = await connection.fetchrow(SQL["select_job"], part.after, workspace_id)
        if found is None:
            return []
        moment = found["created_at"]
    if part.kind is None:
        query, kind = SQL["list_oldest"] if part.ascending else SQL["list_newest"], ()
    else:
        query = SQL["list_oldest_of_kind"] if part.ascending else SQL["list_newest_of_kind"]
        kind = (part.kind,)
    position = workspace_id, moment, part.after, part.limit
    rows = await connection.fetch(query, *position, part.status, *kind, _metadata(part))
    return list((await _with_stages(connection, [record_from_row(row) for row in rows])).values())


async def list_batch_jobs(
    connection: Connection, workspace_id: str, batch_id: str, part: Listing
) -> list[Job]:
    """Returns jobs of the batch in the order of its lines, or in the reverse order."""
    query = SQL["list_batch_first"] if part.ascending else SQL["list_batch_last"]
    position = workspace_id, batch_id, part.after, part.limit
    rows = await connection.fetch(query, *position, part.status, part.kind, _metadata(part))
    return list((await _with_stages(connection, [record_from_row(row) for row in rows])).values())


def _metadata(part: Listing) -> dict[str, str] | None:
    return dict(part.metadata) if part.metadata else None


async def _with_stages(connection: Connection, jobs: Sequence[JobRecord]) -> dict[str, Job]:
    rows = await connection.fetch(SQL["select_stages"], [record.id for record in jobs])
    by_job: dict[str, tuple[Stage, ...]] = {}
    for job_id, group in groupby(rows, key=itemgetter("job_id")):
        by_job[job_id] = tuple(map(stage_from_row, group))
        if len(rows) > MANY_ROWS:
            await asyncio.sleep(0)  # they take a while: other tasks run in between
    return {record.id: Job(record, by_job.get(record.id, ())) for record in jobs}


async def events_after(connection: Connection, job_id: str, event_id: int) -> list[StoredEvent]:
    """Returns the job's events with higher ids, in the order of ids."""
    rows = await connection.fetch(SQL["select_events"], job_id, event_id)
    return [StoredEvent(row["id"], row["type"], row["data"]) for row in rows]


async def find_executions(connection: Connection, job_ids: Sequence[str]) -> list[Execution]:
    """Returns the jobs' executions in the order in which they began."""
    return [execution_from_row(row) for row in await connection.fetch(SQL["select_executions"], job_ids)]


async def find_in_flight(connection: Connection, keys: Sequence[KnownKey]) -> dict[KnownKey, set[str]]:
    """Returns the ids of queued and running stages, by workspace and action key."""
    workspaces, action_keys = [workspace for workspace, _ in keys], [key for _, key in keys]
    found: dict[KnownKey, set[str]] = {}
    for row in await connection.fetch(SQL["find_in_flight"], workspaces, action_keys):
        found.setdefault((row["workspace_id"], row["action_key"]), set()).add(row["id"])
    return found


async def due_for_retry(connection: Connection, now: datetime) -> list[str]:
    """Returns the ids of the jobs with a stage whose backoff is over."""
    return [row["job_id"] for row in await connection.fetch(SQL["due_for_retry"], now)]


async def lease_expired(
    connection: Connection, now: datetime, workers_since: datetime
) -> list[tuple[str, str, int]]:
    """Returns job id, stage id and attempt of stages whose lease has expired.

    A queued stage is included only while a worker that has announced itself since `workers_since` is idle:
    otherwise the stage waits for its turn.
    """
    rows = await connection.fetch(SQL["lease_expired"], now, workers_since)
    return [(row["job_id"], row["id"], row["attempt"]) for row in rows]


async def overrun(connection: Connection, now: datetime, grace_seconds: float) -> list[tuple[str, str, int]]:
    """Returns job id, stage id and attempt of stages that run longer than their engine's limit allows."""
    rows = await connection.fetch(SQL["overrun"], now, grace_seconds)
    return [(row["job_id"], row["id"], row["attempt"]) for row in rows]
