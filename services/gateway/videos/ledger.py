"""Applies events to jobs: lock, decide (pure), save and enqueue, in one transaction for a whole batch."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.chassis.bus.protocol import Envelope
from services.chassis.storage import Artifact
from services.gateway import outbox
from services.gateway.database import Connection, Pool
from services.gateway.videos import repository
from services.gateway.videos.action_key import action_key
from services.gateway.videos.advance import advance, ready_inputs
from services.gateway.videos.commands import deleted_video_cancelled, stage_requested, video_cancelled
from services.gateway.videos.history import VideoEvent, describe
from services.gateway.videos.records import Job, Stage, StageState, Video, VideoStatus
from services.gateway.videos.transition import (
    CancelRequested,
    Progressed,
    RetryPolicy,
    StageEvent,
    Started,
    request,
    reuse,
    transition,
)


@dataclass(slots=True)
class Outgoing:
    """What a transaction will have published when it commits."""

    requests: list[Envelope] = field(default_factory=list[Envelope])
    broadcasts: list[Envelope] = field(default_factory=list[Envelope])


@dataclass(frozen=True, slots=True)
class Release:
    """A stage whose inputs are ready, to be asked for unless its result is known."""

    stage: Stage
    inputs: dict[str, Artifact]
    key: str


class Ledger:
    """The only writer of videos and stages."""

    def __init__(self, pool: Pool, policy: RetryPolicy, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._policy = policy
        self._clock = clock

    async def create(self, job: Job) -> Job:
        """Store a new job and ask for the stages that can start. Returns it as stored."""
        outgoing = Outgoing()
        async with self._pool.acquire() as connection, connection.transaction():
            created = await self._settle(connection, job, outgoing)
            await repository.insert_job(connection, created)
            await repository.append_events(connection, [*describe(None, job), *describe(job, created)])
            await outbox.enqueue(connection, outgoing.requests, outgoing.broadcasts)
        return created

    async def apply(self, events: Iterable[tuple[str, StageEvent]]) -> None:
        """Apply events, each with its video's id, in order.

        An unknown video has been deleted: whoever still works for it is told to stop.
        """
        by_video: defaultdict[str, list[StageEvent]] = defaultdict(list)
        for video_id, event in events:
            by_video[video_id].append(event)
        if by_video:
            await self._apply(by_video)

    async def retry_due(self) -> int:
        """Ask again for the stages whose backoff is over. Returns how many there were."""
        async with self._pool.acquire() as connection:
            due = await repository.due_for_retry(connection, self._clock())
        if due:
            await self._apply({video_id: [] for video_id, _, _ in due})
        return len(due)

    async def cancel(self, workspace_id: str, video_id: str) -> Job | None:
        """Cancel the video unless it has ended. `None` if there is no such video."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await repository.find_job(connection, workspace_id, video_id)
            locked = await repository.lock_jobs(connection, [video_id]) if found else {}
            if video_id not in locked:
                return None
            return await self._cancel(connection, locked[video_id])

    async def delete(self, workspace_id: str, video_id: str) -> bool:
        """Cancel and forget the video. False if there is no such video."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await repository.find_job(connection, workspace_id, video_id)
            locked = await repository.lock_jobs(connection, [video_id]) if found else {}
            if video_id not in locked:
                return False
            await self._cancel(connection, locked[video_id])
            await repository.delete(connection, video_id)
            return True

    async def _cancel(self, connection: Connection, job: Job) -> Job:
        if job.video.status.terminal:
            return job
        now = self._clock()
        cancelled = Job(
            replace(job.video, status=VideoStatus.CANCELLED, completed_at=now), self._cancel_stages(job, now)
        )
        await self._save(connection, [(job, cancelled)], Outgoing(broadcasts=[video_cancelled(job.video)]))
        return cancelled

    async def _apply(self, by_video: dict[str, list[StageEvent]]) -> None:
        outgoing = Outgoing()
        async with self._pool.acquire() as connection, connection.transaction():
            before = await repository.lock_jobs(connection, by_video)
            changed: list[tuple[Job, Job]] = []
            for video_id in by_video.keys() - before.keys():
                if is_worked_for(by_video[video_id]):
                    outgoing.broadcasts.append(deleted_video_cancelled(video_id))
            for video_id, job in before.items():
                outgoing.broadcasts += self._reminders(job, by_video[video_id])
                after = self._with_events(job, by_video[video_id])
                changed.append((job, await self._settle(connection, after, outgoing)))
            await self._save(connection, changed, outgoing)

    def _with_events(self, job: Job, events: Sequence[StageEvent]) -> Job:
        stages = {stage.id: stage for stage in job.stages}
        for event in events:
            if event.stage_id in stages:
                stages[event.stage_id] = transition(
                    stages[event.stage_id],
                    event,
                    now=self._clock(),
                    dice=random.random(),
                    policy=self._policy,
                )
        return replace(job, stages=tuple(stages.values()))

    def _reminders(self, job: Job, events: Sequence[StageEvent]) -> list[Envelope]:
        """A worker that works for an ended video has missed the cancel: say it again."""
        ended = job.video.status in (VideoStatus.CANCELLED, VideoStatus.FAILED)
        return [video_cancelled(job.video)] if ended and is_worked_for(events) else []

    async def _settle(self, connection: Connection, job: Job, outgoing: Outgoing) -> Job:
        """Release what is ready until nothing more follows from it, and bring the video up to date."""
        while releases := self._releases(job):
            job = await self._release(connection, job, releases, outgoing)
        video = advance(job, self._clock())
        if video.status is VideoStatus.FAILED and job.video.status is not VideoStatus.FAILED:
            outgoing.broadcasts.append(video_cancelled(video))
            return Job(video, self._cancel_stages(job, self._clock()))
        return replace(job, video=video)

    def _releases(self, job: Job) -> list[Release]:
        if job.video.status.terminal or any(stage.state is StageState.FAILED for stage in job.stages):
            return []
        now = self._clock()
        releases: list[Release] = []
        for stage in job.stages:
            due = (
                stage.state is StageState.RETRYING
                and stage.not_before is not None
                and stage.not_before <= now
            )
            if stage.state is StageState.WAITING or due:
                inputs = ready_inputs(stage, job.stages)
                if inputs is not None:
                    releases.append(Release(stage, inputs, action_key(stage, inputs)))
        return releases

    async def _release(
        self, connection: Connection, job: Job, releases: Sequence[Release], outgoing: Outgoing
    ) -> Job:
        keys = [(job.video.workspace_id, release.key) for release in releases]
        known = await repository.find_known(connection, keys)
        stages = {stage.id: stage for stage in job.stages}
        for release in releases:
            result = known.get((job.video.workspace_id, release.key))
            if result is not None:
                stages[release.stage.id] = reuse(release.stage, release.key, result, self._clock())
            else:
                asked = request(release.stage, release.key, self._clock(), self._policy)
                stages[asked.id] = asked
                outgoing.requests.append(stage_requested(asked, release.inputs, job.video.traceparent))
        return replace(job, stages=tuple(stages.values()))

    def _cancel_stages(self, job: Job, now: datetime) -> tuple[Stage, ...]:
        return tuple(
            transition(stage, CancelRequested(stage.id), now=now, dice=0.0, policy=self._policy)
            for stage in job.stages
        )

    async def _save(
        self, connection: Connection, changes: Sequence[tuple[Job, Job]], outgoing: Outgoing
    ) -> None:
        await repository.update(connection, changed_videos(changes), changed_stages(changes))
        events: list[VideoEvent] = [event for old, new in changes for event in describe(old, new)]
        await repository.append_events(connection, events)
        await outbox.enqueue(connection, outgoing.requests, outgoing.broadcasts)


def is_worked_for(events: Sequence[StageEvent]) -> bool:
    return any(isinstance(event, Started | Progressed) for event in events)


def changed_videos(changes: Sequence[tuple[Job, Job]]) -> list[Video]:
    return [new.video for old, new in changes if new.video != old.video]


def changed_stages(changes: Sequence[tuple[Job, Job]]) -> list[Stage]:
    return [
        stage
        for old, new in changes
        for was, stage in zip(old.stages, new.stages, strict=True)
        if stage != was
    ]
