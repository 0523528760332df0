"""Decisions in PostgreSQL: all of a batch in one statement, guarded by each video's revision.

A video that somebody else has changed since it was read takes none of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from services.gateway.db.jsonb import to_json
from services.gateway.db.pool import Connection
from services.gateway.db.sql import combined, load_queries
from services.gateway.jobs.domain.events import Completed, Progressed, Started
from services.gateway.jobs.domain.job_status import inputs_from
from services.gateway.jobs.domain.job_update import Decision
from services.gateway.jobs.domain.models import Stage, Video
from services.gateway.jobs.messaging.outbox import Outgoing
from services.gateway.jobs.messaging.outgoing import (
    deleted_video_cancelled,
    stage_cancelled,
    stage_requested,
    video_cancelled,
)
from services.gateway.jobs.store.repository import EVENTS_CHANNEL
from services.gateway.jobs.store.row_mapping import (
    checks_to_json,
    sources_to_json,
    stage_to_row,
    video_to_row,
)
from services.gateway.jobs.store.write_requests import Alongside, Change
from services.gateway.jobs.views.client_events import beginning, describe

SQL = load_queries("services.gateway.jobs.store", "write_batch.sql")
IDS_PER_NOTIFICATION = 200
VIDEOS = ("inserted", "updated")
"""The parts of the statement that say which videos are written: the others depend on them."""
Columns = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision about a job that was read at the revision; `new` if no table knows the job yet."""

    decision: Decision
    revision: int
    new: bool = False

    @property
    def says_something(self) -> bool:
        decision = self.decision
        return bool(
            self.new
            or decision.video is not decision.before.video
            or decision.executions
            or decision.abandoned
            or decision.cancelled
            or decision.unwanted
            or decision.changed
        )


class Messenger(Protocol):
    """Says what has been committed."""

    def send(self, messages: Iterable[Outgoing]) -> None: ...

    def take_published(self) -> list[str]:
        """Ids of rows of the outbox that have served their purpose."""
        ...

    def restore_published(self, ids: Sequence[str]) -> None: ...


class Page:
    """What one transaction writes. `gone` are changes to videos that no table knows any more, `deleting` are
    the ids of the videos that are to be so."""

    def __init__(
        self,
        entries: Iterable[Entry],
        gone: Sequence[Change],
        deleting: Collection[str],
        published: Sequence[str],
        garbage_due: datetime,
    ) -> None:
        everything = list(entries)
        self.entries = in_locking_order(entry for entry in everything if entry.says_something)
        self.unchanged = {entry.decision.video.id for entry in everything} - {
            entry.decision.video.id for entry in self.entries
        }
        self.deleting = deleting
        self.published = published
        self.garbage_due = garbage_due
        self.garbage = {key for entry in self.entries for key in entry.decision.unwanted} | late_results(gone)
        for entry in everything:
            if entry.decision.video.id in deleting:
                self.garbage |= entry.decision.artifact_keys()
        self._gone_messages = [*stops_for(gone)]
        self._messages = {entry.decision.video.id: messages_of(entry.decision) for entry in self.entries}

    def outbox_rows(self) -> list[tuple[str | None, Outgoing]]:
        """Messages by the video that must have been written for them to be said; `None` for any."""
        of_videos = [(video_id, each) for video_id, group in self._messages.items() for each in group]
        return [*of_videos, *((None, each) for each in self._gone_messages)]

    def messages(self, written: set[str]) -> list[Outgoing]:
        """What is to be said now that these videos are written."""
        return [each for video_id, each in self.outbox_rows() if video_id is None or video_id in written]


async def write(connection: Connection, page: Page, alongside: Alongside | None = None) -> set[str]:
    """Returns the ids of the videos that are written, or had nothing to be written."""
    if alongside is None and not page.deleting:
        return page.unchanged | await _write(connection, page)
    async with connection.transaction():
        if alongside is not None:
            await alongside(connection)
        written = page.unchanged | await _write(connection, page)
        for video_id in written.intersection(page.deleting):
            await connection.execute(SQL["delete_video"], video_id)
        return written


async def _write(connection: Connection, page: Page) -> set[str]:
    parts = {name: parameters for name, parameters in parts_of(page).items() if parameters and parameters[0]}
    if not parts:
        return set()
    parameters = [parameter for part in parts.values() for parameter in part]
    return {row["id"] for row in await connection.fetch(statement_of(tuple(parts)), *parameters)}


def parts_of(page: Page) -> dict[str, Columns]:
    """What each part of the statement is given: nothing, or a first parameter that is empty, if there is
    nothing to be written by it."""
    entries = page.entries
    known = [entry for entry in entries if not entry.new]
    return {
        "inserted": [[video_to_row(entry.decision.video) for entry in entries if entry.new]],
        "updated": columns(video_values(entry.decision.video, entry.revision) for entry in known),
        "stages_inserted": [[stage_to_row(stage) for entry in entries for stage in added_stages(entry)]],
        "stages_updated": columns(
            stage_values(stage, entry.decision.earlier[stage.id])
            for entry in known
            for stage in changed_stages(entry)
        ),
        "executions_written": columns(execution_values(entries)),
        "events_written": columns(event_values(entries)),
        "references_written": columns(reference_values(entries)),
        "outbox_written": columns(map(message_values, page.outbox_rows())),
        "outbox_cleared": [list(page.published)],
        "garbage_written": columns((key, page.garbage_due) for key in sorted(page.garbage)),
        "notified": columns(notifications([entry.decision.video.id for entry in entries])),
    }


@cache
def statement_of(parts: tuple[str, ...]) -> str:
    """One statement, in which each part is a table of its name. What has nothing to write is left out, for
    PostgreSQL opens all tables and indexes that a statement names."""
    videos = {part: SQL[part] for part in parts if part in VIDEOS}
    others = {part: SQL[part] for part in parts if part not in VIDEOS}
    written = " UNION ALL ".join(f"SELECT id FROM {part}" for part in videos)
    tables = {**videos, "written": written or "SELECT NULL::text AS id WHERE false", **others}
    said = ", notified" if "notified" in parts else ""
    return combined(tables, f"SELECT written.id FROM written{said}")


async def forget_results(connection: Connection, object_keys: Iterable[str]) -> None:
    """No stage is spared any more for a result that contains one of these objects."""
    await connection.execute(SQL["forget_results"], sorted(object_keys))


def in_locking_order(entries: Iterable[Entry]) -> list[Entry]:
    """Whoever writes several videos locks their rows in the same order: then nobody waits in a circle."""
    return sorted(entries, key=lambda entry: entry.decision.video.id)


def stops_for(gone: Iterable[Change]) -> Iterable[Outgoing]:
    """Whoever still works for a video that was deleted is told to stop."""
    for change in gone:
        if any(isinstance(event, Started | Progressed) for event in change.events):
            yield Outgoing(deleted_video_cancelled(change.video_id), broadcast=True)


def late_results(gone: Iterable[Change]) -> set[str]:
    """Keys of what was made for videos that were deleted."""
    return {
        artifact.key
        for change in gone
        for event in change.events
        if isinstance(event, Completed)
        for artifact in event.outputs.values()
    }


def messages_of(decision: Decision) -> list[Outgoing]:
    """What is to be said about a decision once it is committed."""
    video = decision.video
    said = [
        Outgoing(stage_requested(stage, inputs_from(stage, decision.outputs) or {}, video.traceparent))
        for stage in decision.requested
    ]
    if decision.cancelled:
        said.append(Outgoing(video_cancelled(video), broadcast=True))
    return said + [
        Outgoing(stage_cancelled(video, abandoned), broadcast=True) for abandoned in decision.abandoned
    ]


def added_stages(entry: Entry) -> list[Stage]:
    decision = entry.decision
    if entry.new:
        return list(decision.stages)
    return [stage for stage in decision.changed.values() if stage.id not in decision.earlier]


def changed_stages(entry: Entry) -> list[Stage]:
    decision = entry.decision
    if entry.new:
        return []
    return [stage for stage in decision.changed.values() if stage.id in decision.earlier]


def columns(rows: Iterable[Sequence[Any]]) -> Columns:
    """Arrays for `unnest`; none, if there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)]


def video_values(video: Video, revision: int) -> tuple[Any, ...]:
    return (
        video.id,
        revision,
        video.status,
        video.progress,
        to_json(ending_of(video)) if video.status.terminal else None,
    )


def ending_of(video: Video) -> Mapping[str, Any]:
    failure = video.failure
    return {
        "seconds": video.seconds,
        "error_code": failure.reason if failure else None,
        "error_message": failure.message if failure else None,
        "completed_at": video.completed_at,
    }


def stage_values(stage: Stage, before: Stage) -> tuple[Any, ...]:
    failure = stage.failure
    return (
        stage.id,
        stage.video_id,
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


def execution_values(entries: Iterable[Entry]) -> Iterable[tuple[Any, ...]]:
    for entry in entries:
        for execution in entry.decision.executions.values():
            failure = execution.failure
            yield (
                entry.decision.video.id,
                execution.stage_id,
                execution.attempt,
                execution.worker_id,
                execution.started_at,
                execution.ended_at,
                execution.outcome,
                failure.reason if failure else None,
                failure.message if failure else None,
            )


def event_values(entries: Sequence[Entry]) -> Iterable[tuple[str, str]]:
    """By video, in their order."""
    for entry in entries:
        decision = entry.decision
        before = decision.before.video
        stages = [(decision.earlier.get(stage.id), stage) for stage in decision.changed.values()]
        events = describe(before, decision.video, stages)
        said = (beginning(before), *events) if entry.new else events
        if said:
            yield before.id, to_json([{"type": event.type, "data": event.data} for event in said])


def reference_values(entries: Sequence[Entry]) -> Iterable[tuple[str, str, str]]:
    """Which stages keep which objects of the store alive."""
    for entry in entries:
        for stage in (*changed_stages(entry), *added_stages(entry)):
            for artifact in stage.outputs.values():
                yield stage.video_id, artifact.key, stage.id


def message_values(message: tuple[str | None, Outgoing]) -> tuple[Any, ...]:
    video_id, outgoing = message
    envelope = outgoing.envelope
    headers = to_json(dict(envelope.headers))
    return video_id, envelope.id, outgoing.broadcast, envelope.subject, headers, envelope.data


def notifications(video_ids: Sequence[str]) -> Iterable[tuple[str, str]]:
    """The channel, with payloads of a size that PostgreSQL takes."""
    for start in range(0, len(video_ids), IDS_PER_NOTIFICATION):
        yield EVENTS_CHANNEL, ",".join(video_ids[start : start + IDS_PER_NOTIFICATION])
