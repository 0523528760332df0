"""Writes a batch of job updates in one SQL statement, guarded by each job's revision.

A job whose revision has changed since it was read is not written.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from services.chassis.errors import LikenessError
from services.gateway.db.jsonb import to_json
from services.gateway.db.pool import Connection
from services.gateway.db.sql import combined, load_queries
from services.gateway.jobs.domain.client_events import describe, status_event
from services.gateway.jobs.domain.events import Completed, Failed, Progressed, Started
from services.gateway.jobs.domain.job_status import inputs_from
from services.gateway.jobs.domain.job_update import JobUpdate
from services.gateway.jobs.domain.models import Failure, JobRecord, Stage
from services.gateway.jobs.messaging.outbox import Outgoing
from services.gateway.jobs.messaging.outgoing import (
    deleted_job_cancelled,
    job_cancelled,
    stage_cancelled,
    stage_requested,
)
from services.gateway.jobs.store.repository import EVENTS_CHANNEL
from services.gateway.jobs.store.row_mapping import (
    checks_to_json,
    record_to_row,
    sources_to_json,
    stage_to_row,
)
from services.gateway.jobs.store.write_requests import Change, ExtraWrites

SQL = load_queries("services.gateway.jobs.store", "write_batch.sql")
IDS_PER_NOTIFICATION = 200
JOBS = ("inserted", "updated")
"""Parts of the statement that return the ids of written jobs; the other parts depend on them."""
Columns = list[list[Any]]


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """An update of a job that was read at `revision`; `new` if the job is not in the tables yet."""

    update: JobUpdate
    revision: int
    new: bool = False

    @property
    def has_changes(self) -> bool:
        update = self.update
        return bool(
            self.new
            or update.record is not update.before.record
            or update.executions
            or update.abandoned
            or update.cancelled
            or update.orphaned_artifacts
            or update.changed
        )


class Messenger(Protocol):
    """Publishes messages after they have been committed to the outbox."""

    def send(self, messages: Iterable[Outgoing]) -> None: ...

    def take_published(self) -> list[str]:
        """Returns the ids of outbox rows that were published: the caller deletes them."""
        ...

    def restore_published(self, ids: Sequence[str]) -> None: ...


class WriteBatch:
    """Everything that one transaction writes.

    `deleted` are changes to jobs that are not in the tables any more, `deleting` the ids of the jobs that
    this transaction deletes, `published` the ids of the outbox rows that it removes. Artifacts that are not
    referenced any more are collected after `garbage_due`.
    """

    def __init__(
        self,
        writes: Iterable[PendingWrite],
        deleted: Sequence[Change],
        deleting: Collection[str],
        published: Sequence[str],
        garbage_due: datetime,
    ) -> None:
        all_writes = list(writes)
        # Before anything else: a command that cannot be built changes its update.
        self._messages = {write.update.record.id: messages_of(write.update) for write in all_writes}
        self.writes = in_locking_order(write for write in all_writes if write.has_changes)
        self.unchanged = {write.update.record.id for write in all_writes} - {
            write.update.record.id for write in self.writes
        }
        self.deleting = deleting
        self.published = published
        self.garbage_due = garbage_due
        self.garbage = {
            key for write in self.writes for key in write.update.orphaned_artifacts
        } | late_results(deleted)
        for write in all_writes:
            if write.update.record.id in deleting:
                self.garbage |= write.update.artifact_keys()
        self._stop_messages = [*stops_for(deleted)]

    def outbox_rows(self) -> list[tuple[str | None, Outgoing]]:
        """Returns the messages, each with the job that must have been written for it; `None` if none must."""
        of_jobs = [(job_id, each) for job_id, group in self._messages.items() for each in group]
        return [*of_jobs, *((None, each) for each in self._stop_messages)]

    def messages(self, written: set[str]) -> list[Outgoing]:
        """Returns the messages to publish now that these jobs are written."""
        return [each for job_id, each in self.outbox_rows() if job_id is None or job_id in written]


async def write(
    connection: Connection, batch: WriteBatch, extra_writes: ExtraWrites | None = None
) -> set[str]:
    """Writes the batch. Returns the ids of the jobs that are written or had no changes."""
    if extra_writes is None and not batch.deleting:
        return batch.unchanged | await _write(connection, batch)
    async with connection.transaction():
        if extra_writes is not None:
            await extra_writes(connection)
        written = batch.unchanged | await _write(connection, batch)
        for job_id in written.intersection(batch.deleting):
            await connection.execute(SQL["delete_job"], job_id)
        return written


async def _write(connection: Connection, batch: WriteBatch) -> set[str]:
    parts = {name: parameters for name, parameters in parts_of(batch).items() if parameters and parameters[0]}
    if not parts:
        return set()
    parameters = [parameter for part in parts.values() for parameter in part]
    return {row["id"] for row in await connection.fetch(statement_of(tuple(parts)), *parameters)}


def parts_of(batch: WriteBatch) -> dict[str, Columns]:
    """Returns the parameters of each part of the statement. A part with nothing to write has none, or an
    empty first one."""
    writes = batch.writes
    known = [write for write in writes if not write.new]
    return {
        "inserted": [[record_to_row(write.update.record) for write in writes if write.new]],
        "updated": columns(record_values(write.update.record, write.revision) for write in known),
        "stages_inserted": [[stage_to_row(stage) for write in writes for stage in added_stages(write)]],
        "stages_updated": columns(
            stage_values(stage, write.update.earlier[stage.id])
            for write in known
            for stage in changed_stages(write)
        ),
        "executions_written": columns(execution_values(writes)),
        "events_written": columns(event_values(writes)),
        "references_written": columns(reference_values(writes)),
        "outbox_written": columns(map(message_values, batch.outbox_rows())),
        "outbox_cleared": [list(batch.published)],
        "garbage_written": columns((key, batch.garbage_due) for key in sorted(batch.garbage)),
        "notified": columns(notifications([write.update.record.id for write in writes])),
    }


@cache
def statement_of(parts: tuple[str, ...]) -> str:
    """Returns one statement with a common table expression for each part.

    Parts with nothing to write are left out: PostgreSQL opens all tables and indexes that a statement names.
    """
    jobs = {part: SQL[part] for part in parts if part in JOBS}
    others = {part: SQL[part] for part in parts if part not in JOBS}
    written = " UNION ALL ".join(f"SELECT id FROM {part}" for part in jobs)
    tables = {**jobs, "written": written or "SELECT NULL::text AS id WHERE false", **others}
    notified = ", notified" if "notified" in parts else ""
    return combined(tables, f"SELECT written.id FROM written{notified}")


async def forget_results(connection: Connection, object_keys: Iterable[str]) -> None:
    """Marks every result that contains one of these objects as not reusable."""
    await connection.execute(SQL["forget_results"], sorted(object_keys))


def in_locking_order(writes: Iterable[PendingWrite]) -> list[PendingWrite]:
    """Sorts by job id: transactions that lock several rows in one order cannot deadlock."""
    return sorted(writes, key=lambda write: write.update.record.id)


def stops_for(deleted: Iterable[Change]) -> Iterable[Outgoing]:
    """Yields the cancellation of each deleted job that a worker still runs."""
    for change in deleted:
        if any(isinstance(event, Started | Progressed) for event in change.events):
            yield Outgoing(deleted_job_cancelled(change.job_id), broadcast=True)


def late_results(deleted: Iterable[Change]) -> set[str]:
    """Returns the keys of artifacts made for jobs that were deleted."""
    return {
        artifact.key
        for change in deleted
        for event in change.events
        if isinstance(event, Completed)
        for artifact in event.outputs.values()
    }


def messages_of(update: JobUpdate) -> list[Outgoing]:
    """Returns the messages to publish once the update is committed."""
    messages = _commands_of(update)
    record = update.record
    if update.cancelled:
        messages.append(Outgoing(job_cancelled(record), broadcast=True))
    return messages + [
        Outgoing(stage_cancelled(record, abandoned), broadcast=True) for abandoned in update.abandoned
    ]


def _commands_of(update: JobUpdate) -> list[Outgoing]:
    """Returns the commands of the requested stages. A stage whose command cannot be built fails, and with it
    its job: an exception here would fail the requests of every job in the transaction, again and again."""
    commands: list[Outgoing] = []
    refused = False
    for stage in update.requested:
        inputs = inputs_from(stage, update.outputs) or {}
        try:
            commands.append(Outgoing(stage_requested(stage, inputs, update.record.traceparent)))
        except LikenessError as exc:
            message = f"No worker could be asked for it. {exc.message}"
            update.apply(Failed(stage.id, stage.attempt, "", Failure(exc.reason.value, message)))
            refused = True
    if refused:
        update.update_status()
    return commands


def added_stages(write: PendingWrite) -> list[Stage]:
    update = write.update
    if write.new:
        return list(update.stages)
    return [stage for stage in update.changed.values() if stage.id not in update.earlier]


def changed_stages(write: PendingWrite) -> list[Stage]:
    update = write.update
    if write.new:
        return []
    return [stage for stage in update.changed.values() if stage.id in update.earlier]


def columns(rows: Iterable[Sequence[Any]]) -> Columns:
    """Transposes rows to arrays for `unnest`. Returns an empty list if there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)]


def record_values(record: JobRecord, revision: int) -> tuple[Any, ...]:
    return (
        record.id,
        revision,
        record.status,
        record.progress,
        to_json(ending_of(record)) if record.status.terminal else None,
    )


def ending_of(record: JobRecord) -> Mapping[str, Any]:
    """Returns the columns that are written only when the job ends."""
    failure = record.failure
    return {
        "result": record.result,
        "error_code": failure.reason if failure else None,
        "error_message": failure.message if failure else None,
        "completed_at": record.completed_at,
    }


def stage_values(stage: Stage, before: Stage) -> tuple[Any, ...]:
    failure = stage.failure
    return (
        stage.id,
        stage.job_id,
        stage.state,
        stage.attempt,
        stage.progress,
        None if stage.inputs is before.inputs else to_json(sources_to_json(stage.inputs)),
        stage.action_key,
        stage.cache,
        stage.saved_seconds,
        stage.billable,
        None if stage.outputs is before.outputs else to_json(sources_to_json(stage.outputs)),
        stage.media_seconds,
        None if stage.failures is before.failures else to_json(dict(stage.failures)),
        stage.worker_id,
        stage.lease_expires_at,
        stage.not_before,
        stage.queued_at,
        stage.started_at,
        stage.completed_at,
        failure.reason if failure else None,
        failure.message if failure else None,
        to_json(checks_to_json(stage.checks)) if stage.checks and not before.checks else None,
    )


def execution_values(writes: Iterable[PendingWrite]) -> Iterable[tuple[Any, ...]]:
    """Yields the job id and the columns of each execution that has begun or ended."""
    for write in writes:
        for execution in write.update.executions.values():
            failure = execution.failure
            yield (
                write.update.record.id,
                execution.stage_id,
                execution.attempt,
                execution.worker_id,
                execution.started_at,
                execution.ended_at,
                execution.outcome,
                failure.reason if failure else None,
                failure.message if failure else None,
            )


def event_values(writes: Sequence[PendingWrite]) -> Iterable[tuple[str, str, str]]:
    """Yields workspace, job id and the JSON of the job's events, for each job with events."""
    for write in writes:
        update = write.update
        before = update.before.record
        stages = [(update.earlier.get(stage.id), stage) for stage in update.changed.values()]
        events = describe(before, update.record, stages)
        shown = (status_event(before), *events) if write.new else events
        if shown:
            events_json = to_json([{"type": event.type, "data": event.data} for event in shown])
            yield before.workspace_id, before.id, events_json


def reference_values(writes: Sequence[PendingWrite]) -> Iterable[tuple[str, str, str]]:
    """Yields job id, object key and stage id: the stage keeps the object from being collected."""
    for write in writes:
        for stage in (*changed_stages(write), *added_stages(write)):
            for artifact in stage.outputs.values():
                yield stage.job_id, artifact.key, stage.id


def message_values(message: tuple[str | None, Outgoing]) -> tuple[Any, ...]:
    job_id, outgoing = message
    envelope = outgoing.envelope
    headers = to_json(dict(envelope.headers))
    return job_id, envelope.id, outgoing.broadcast, envelope.subject, headers, envelope.data


def notifications(job_ids: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Yields the channel with payloads of at most `IDS_PER_NOTIFICATION` ids.

    PostgreSQL takes 8,000 bytes.
    """
    for start in range(0, len(job_ids), IDS_PER_NOTIFICATION):
        yield EVENTS_CHANNEL, ",".join(job_ids[start : start + IDS_PER_NOTIFICATION])
