"""Videos, stages and events in PostgreSQL. Every method runs on the connection that it is given,
in the transaction of its caller."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from services.gateway.database import Connection
from services.gateway.sql import load_queries
from services.gateway.videos.history import VideoEvent
from services.gateway.videos.records import Job, Stage, Video
from services.gateway.videos.rows import (
    artifacts_from_json,
    stage_from_row,
    stage_to_row,
    video_from_row,
    video_to_row,
)
from services.gateway.videos.transition import KnownResult

SQL = load_queries("services.gateway.videos")
EVENTS_CHANNEL = "likeness_events"
KnownKey = tuple[str, str]
"""Workspace and action key."""
EngineKey = tuple[str, str]
"""Service and engine."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    id: int
    type: str
    data: Mapping[str, Any]
    created_at: datetime


async def lock_jobs(connection: Connection, video_ids: Iterable[str]) -> dict[str, Job]:
    """Jobs by video id, locked until the transaction ends; a deleted video is left out."""
    ids = sorted(set(video_ids))
    videos = [video_from_row(row) for row in await connection.fetch(SQL["lock_videos"], ids)]
    return await _with_stages(connection, videos)


async def find_job(connection: Connection, workspace_id: str, video_id: str) -> Job | None:
    row = await connection.fetchrow(SQL["select_video"], video_id, workspace_id)
    if row is None:
        return None
    return (await _with_stages(connection, [video_from_row(row)]))[video_id]


async def list_jobs(
    connection: Connection, workspace_id: str, *, after: str | None, limit: int, ascending: bool
) -> list[Job]:
    rows = await connection.fetch(SQL["list_videos"], workspace_id, after, ascending, limit)
    return list((await _with_stages(connection, [video_from_row(row) for row in rows])).values())


async def _with_stages(connection: Connection, videos: Sequence[Video]) -> dict[str, Job]:
    rows = await connection.fetch(SQL["select_stages"], [video.id for video in videos])
    stages = groupby((stage_from_row(row) for row in rows), key=lambda stage: stage.video_id)
    by_video = {video_id: tuple(group) for video_id, group in stages}
    return {video.id: Job(video, by_video.get(video.id, ())) for video in videos}


async def insert_job(connection: Connection, job: Job) -> None:
    await connection.execute(SQL["insert_videos"], [video_to_row(job.video)])
    await connection.execute(SQL["insert_stages"], [stage_to_row(stage) for stage in job.stages])


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


async def find_known(connection: Connection, keys: Sequence[KnownKey]) -> dict[KnownKey, KnownResult]:
    """Results of completed stages by workspace and action key."""
    if not keys:
        return {}
    workspaces, action_keys = zip(*keys, strict=True)
    rows = await connection.fetch(SQL["find_known"], list(workspaces), list(action_keys))
    return {
        (row["workspace_id"], row["action_key"]): KnownResult(
            artifacts_from_json(row["outputs"]), row["media_seconds"]
        )
        for row in rows
    }


async def due_for_retry(connection: Connection, now: datetime) -> list[tuple[str, str, int]]:
    """Video id, stage id and attempt of stages whose backoff is over."""
    rows = await connection.fetch(SQL["due_for_retry"], now)
    return [(row["video_id"], row["id"], row["attempt"]) for row in rows]


async def lease_expired(
    connection: Connection, now: datetime, workers_since: datetime
) -> list[tuple[str, str, int]]:
    """Video id, stage id and attempt of stages that nobody speaks for.

    A queued stage is among them only while a worker announced since `workers_since` is idle: otherwise it
    waits for its turn.
    """
    rows = await connection.fetch(SQL["lease_expired"], now, workers_since)
    return [(row["video_id"], row["id"], row["attempt"]) for row in rows]


async def recent_durations(connection: Connection) -> dict[EngineKey, float]:
    """Median run seconds of the last 50 stages of each engine."""
    rows = await connection.fetch(SQL["recent_durations"])
    return {(row["service"], row["engine"]): float(row["seconds"]) for row in rows}


async def queue_lengths(connection: Connection) -> dict[EngineKey, int]:
    """Stages queued or running, for each engine, over all workspaces."""
    rows = await connection.fetch(SQL["queue_lengths"])
    return {(row["service"], row["engine"]): row["stages"] for row in rows}
