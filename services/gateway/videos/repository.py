"""Videos, stages and events in PostgreSQL. Every method runs on the connection that it is given,
in the transaction of its caller."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from services.gateway.database import Connection, Record
from services.gateway.sql import load_queries
from services.gateway.videos.history import VideoEvent
from services.gateway.videos.records import Execution, Job, Stage, Video
from services.gateway.videos.rows import (
    artifacts_from_json,
    execution_from_row,
    execution_to_row,
    stage_from_row,
    stage_to_row,
    video_from_row,
    video_to_row,
)
from services.gateway.videos.situation import KnownKey
from services.gateway.videos.stage_events import KnownResult

SQL = load_queries("services.gateway.videos")
EVENTS_CHANNEL = "likeness_events"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    id: int
    type: str
    data: Mapping[str, Any]
    created_at: datetime


async def lock_jobs(connection: Connection, video_ids: Iterable[str]) -> dict[str, Job]:
    """Jobs by video id, locked until the transaction ends; a deleted video is left out."""
    return await _lock(connection, SQL["lock_videos"], video_ids)


async def lock_free_jobs(connection: Connection, video_ids: Iterable[str]) -> dict[str, Job]:
    """The same without those that another transaction has locked."""
    return await _lock(connection, SQL["lock_free_videos"], video_ids)


async def _lock(connection: Connection, query: str, video_ids: Iterable[str]) -> dict[str, Job]:
    rows = await connection.fetch(query, sorted(set(video_ids)))
    return await _with_stages(connection, [video_from_row(row) for row in rows])


async def find_job(connection: Connection, workspace_id: str, video_id: str) -> Job | None:
    row = await connection.fetchrow(SQL["select_video"], video_id, workspace_id)
    if row is None:
        return None
    return (await _with_stages(connection, [video_from_row(row)]))[video_id]


async def find_jobs(connection: Connection, video_ids: Sequence[str]) -> list[Job]:
    """Those that there are, in the order of the ids."""
    rows = await connection.fetch(SQL["select_videos"], video_ids)
    found = await _with_stages(connection, [video_from_row(row) for row in rows])
    return [found[video_id] for video_id in video_ids if video_id in found]


async def list_jobs(
    connection: Connection, workspace_id: str, *, after: str | None, limit: int, ascending: bool
) -> list[Job]:
    """None after an id that the workspace does not have."""
    moment: datetime | None = None
    if after is not None:
        found = await connection.fetchrow(SQL["select_video"], after, workspace_id)
        if found is None:
            return []
        moment = found["created_at"]
    query = SQL["list_oldest" if ascending else "list_newest"]
    rows = await connection.fetch(query, workspace_id, moment, after, limit)
    return list((await _with_stages(connection, [video_from_row(row) for row in rows])).values())


async def list_batch_jobs(
    connection: Connection,
    workspace_id: str,
    batch_id: str,
    *,
    after: str | None,
    limit: int,
    ascending: bool,
) -> list[Job]:
    """In the order of the batch's lines, or against it."""
    query = SQL["list_batch_first" if ascending else "list_batch_last"]
    rows = await connection.fetch(query, workspace_id, batch_id, after, limit)
    return list((await _with_stages(connection, [video_from_row(row) for row in rows])).values())


async def _with_stages(connection: Connection, videos: Sequence[Video]) -> dict[str, Job]:
    rows = await connection.fetch(SQL["select_stages"], [video.id for video in videos])
    stages = groupby((stage_from_row(row) for row in rows), key=lambda stage: stage.video_id)
    by_video = {video_id: tuple(group) for video_id, group in stages}
    return {video.id: Job(video, by_video.get(video.id, ())) for video in videos}


async def insert_jobs(connection: Connection, jobs: Sequence[Job]) -> None:
    await connection.execute(SQL["insert_videos"], [video_to_row(job.video) for job in jobs])
    await insert_stages(connection, [stage for job in jobs for stage in job.stages])


async def insert_stages(connection: Connection, stages: Sequence[Stage]) -> None:
    if stages:
        await connection.execute(SQL["insert_stages"], [stage_to_row(stage) for stage in stages])


async def update(connection: Connection, videos: Sequence[Video], stages: Sequence[Stage]) -> None:
    if videos:
        await connection.execute(SQL["update_videos"], [video_to_row(video) for video in videos])
    if stages:
        await connection.execute(SQL["update_stages"], [stage_to_row(stage) for stage in stages])


async def delete(connection: Connection, video_id: str) -> None:
    await connection.execute(SQL["delete_video"], video_id)


async def append_events(connection: Connection, events: Sequence[VideoEvent]) -> None:
    """Listeners on `EVENTS_CHANNEL` are told the ids of the videos at commit."""
    if not events:
        return
    records = [{"video_id": e.video_id, "type": e.type, "data": e.data} for e in events]
    await connection.execute(SQL["insert_events"], records)
    for video_id in dict.fromkeys(event.video_id for event in events):
        await connection.execute(SQL["notify"], EVENTS_CHANNEL, video_id)


async def events_after(connection: Connection, video_id: str, event_id: int) -> list[StoredEvent]:
    rows = await connection.fetch(SQL["select_events"], video_id, event_id)
    return [StoredEvent(row["id"], row["type"], row["data"], row["created_at"]) for row in rows]


async def save_executions(connection: Connection, executions: Sequence[Execution]) -> None:
    if executions:
        rows = [execution_to_row(execution) for execution in executions]
        await connection.execute(SQL["upsert_executions"], rows)


async def find_executions(connection: Connection, video_ids: Sequence[str]) -> list[Execution]:
    """In the order in which they began."""
    return [execution_from_row(row) for row in await connection.fetch(SQL["select_executions"], video_ids)]


async def save_references(connection: Connection, stages: Sequence[Stage]) -> None:
    """Which stages keep which objects of the store alive."""
    pairs = [(artifact.key, stage.id) for stage in stages for artifact in stage.outputs.values()]
    if pairs:
        keys, ids = zip(*pairs, strict=True)
        await connection.execute(SQL["insert_references"], list(keys), list(ids))


async def discard(connection: Connection, object_keys: Sequence[str], due_at: datetime) -> None:
    """Remove these objects from the store after `due_at`, unless somebody refers to them then."""
    if object_keys:
        await connection.execute(SQL["insert_garbage"], sorted(set(object_keys)), due_at)


async def find_known(connection: Connection, keys: Sequence[KnownKey]) -> dict[KnownKey, KnownResult]:
    """Results of completed stages by workspace and action key."""
    rows = await _by_keys(connection, SQL["find_known"], keys)
    return {
        (row["workspace_id"], row["action_key"]): KnownResult(
            artifacts_from_json(row["outputs"]), row["media_seconds"], float(row["run_seconds"] or 0.0)
        )
        for row in rows
    }


async def forget_results(connection: Connection, object_keys: Sequence[str]) -> None:
    """No stage is spared any more for a result that contains one of these objects."""
    await connection.execute(SQL["forget_results"], list(object_keys))


async def find_in_flight(connection: Connection, keys: Sequence[KnownKey]) -> dict[KnownKey, set[str]]:
    """Ids of the stages that are queued or running for each workspace and action key."""
    return _ids_by_key(await _by_keys(connection, SQL["find_in_flight"], keys))


async def find_billed(connection: Connection, keys: Sequence[KnownKey]) -> dict[KnownKey, set[str]]:
    """Ids of the stages that each action key has been billed for."""
    return _ids_by_key(await _by_keys(connection, SQL["find_billed"], keys))


async def _by_keys(connection: Connection, query: str, keys: Sequence[KnownKey]) -> list[Record]:
    if not keys:
        return []
    workspaces, action_keys = zip(*keys, strict=True)
    return await connection.fetch(query, list(workspaces), list(action_keys))


def _ids_by_key(rows: Iterable[Record]) -> dict[KnownKey, set[str]]:
    found: dict[KnownKey, set[str]] = {}
    for row in rows:
        found.setdefault((row["workspace_id"], row["action_key"]), set()).add(row["id"])
    return found


async def due_for_retry(connection: Connection, now: datetime) -> list[str]:
    """Ids of the videos with a stage whose backoff is over."""
    return [row["video_id"] for row in await connection.fetch(SQL["due_for_retry"], now)]


async def lease_expired(
    connection: Connection, now: datetime, workers_since: datetime
) -> list[tuple[str, str, int]]:
    """Video id, stage id and attempt of stages that nobody speaks for.

    A queued stage is among them only while a worker announced since `workers_since` is idle: otherwise it
    waits for its turn.
    """
    rows = await connection.fetch(SQL["lease_expired"], now, workers_since)
    return [(row["video_id"], row["id"], row["attempt"]) for row in rows]


async def overrun(connection: Connection, now: datetime, grace_seconds: float) -> list[tuple[str, str, int]]:
    """Video id, stage id and attempt of stages that run for longer than their engine's limit allows."""
    rows = await connection.fetch(SQL["overrun"], now, grace_seconds)
    return [(row["video_id"], row["id"], row["attempt"]) for row in rows]
