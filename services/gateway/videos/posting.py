"""Writes decisions down, with all that is to be said about them, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from services.chassis.bus.protocol import Envelope
from services.gateway import outbox
from services.gateway.database import Connection
from services.gateway.videos import repository
from services.gateway.videos.advance import ready_inputs
from services.gateway.videos.commands import stage_cancelled, stage_requested, video_cancelled
from services.gateway.videos.decision import Decision
from services.gateway.videos.history import VideoEvent, describe
from services.gateway.videos.records import Stage
from services.gateway.videos.settlement import key_of


async def write(connection: Connection, decisions: Sequence[Decision], garbage_due: datetime) -> None:
    """The jobs are in the tables already."""
    await repository.insert_stages(connection, list(added_stages(decisions)))
    await repository.update(
        connection,
        [each.job.video for each in decisions if each.job.video != each.before.video],
        changed := list(changed_stages(decisions)),
    )
    await repository.save_references(connection, changed)
    await write_rest(connection, decisions, garbage_due)


async def write_new(connection: Connection, decisions: Sequence[Decision], garbage_due: datetime) -> None:
    """Jobs that no table knows yet."""
    await repository.insert_jobs(connection, [decision.job for decision in decisions])
    stages = [stage for decision in decisions for stage in decision.job.stages]
    await repository.save_references(connection, stages)
    created = [event for decision in decisions for event in describe(None, decision.before)]
    await repository.append_events(connection, created)
    await write_rest(connection, decisions, garbage_due)


async def write_rest(connection: Connection, decisions: Sequence[Decision], garbage_due: datetime) -> None:
    executions = [each for decision in decisions for each in decision.executions.values()]
    await repository.save_executions(connection, executions)
    unwanted = [key for decision in decisions for key in decision.unwanted]
    await repository.discard(connection, unwanted, garbage_due)
    events: list[VideoEvent] = [
        event for decision in decisions for event in describe(decision.before, decision.job)
    ]
    await repository.append_events(connection, events)
    await outbox.enqueue(connection, list(requests(decisions)), list(broadcasts(decisions)))


def requests(decisions: Iterable[Decision]) -> Iterable[Envelope]:
    for decision in decisions:
        for stage in decision.requested:
            inputs = ready_inputs(stage, decision.job.stages) or {}
            yield stage_requested(stage, inputs, decision.job.video.traceparent)


def broadcasts(decisions: Iterable[Decision]) -> Iterable[Envelope]:
    for decision in decisions:
        video = decision.job.video
        if decision.cancelled:
            yield video_cancelled(video)
        for abandoned in decision.abandoned:
            yield stage_cancelled(video, abandoned)


def added_stages(decisions: Iterable[Decision]) -> Iterable[Stage]:
    for decision in decisions:
        old = {stage.id for stage in decision.before.stages}
        yield from (stage for stage in decision.job.stages if stage.id not in old)


def changed_stages(decisions: Iterable[Decision]) -> Iterable[Stage]:
    for decision in decisions:
        old = {stage.id: stage for stage in decision.before.stages}
        yield from (
            stage
            for stage in decision.job.stages
            if stage.id in old and stage is not old[stage.id] and stage != old[stage.id]
        )


async def settle_bills(connection: Connection, decisions: Sequence[Decision]) -> None:
    """Of several stages that have made the same result only the first is billed."""
    newly = [
        stage
        for stage in (*changed_stages(decisions), *added_stages(decisions))
        if stage.billable and not stage.no_cache
    ]
    billed = await repository.find_billed(connection, [key_of(stage) for stage in newly])
    taken = {key for key, ids in billed.items() if ids - {stage.id for stage in newly}}
    free: set[str] = set()
    for stage in newly:
        if key_of(stage) not in taken:
            taken.add(key_of(stage))
            free.add(stage.id)
    for decision in decisions:
        for stage in newly:
            if stage.video_id == decision.job.video.id and stage.id not in free:
                decision.put(replace(stage, billable=False))
