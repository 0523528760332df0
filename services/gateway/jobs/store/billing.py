"""Bills only the first of several stages that have made the same result."""

from collections.abc import Sequence
from dataclasses import replace

from services.gateway.db.pool import Connection
from services.gateway.jobs.domain.job_update import JobUpdate
from services.gateway.jobs.domain.models import Stage
from services.gateway.jobs.scheduling.cross_job import key_of
from services.gateway.jobs.store.ready_queue import billed_elsewhere


async def compare_bills(connection: Connection, updates: Sequence[JobUpdate]) -> None:
    """Unmarks every newly billed stage whose result another stage has been billed for."""
    newly = [(update, stage) for update in updates for stage in newly_billed(update)]
    keys = [key_of(stage) for _, stage in newly]
    taken = await billed_elsewhere(connection, keys, [stage.id for _, stage in newly])
    for update, stage in newly:
        if key_of(stage) in taken:
            update.put(replace(stage, billable=False))
        taken.add(key_of(stage))


def newly_billed(update: JobUpdate) -> list[Stage]:
    """Returns the stages that the update has made billable, without those that bypass the cache."""
    before = {stage.id for stage in update.before.stages if stage.billable}
    return [
        stage for stage in update.stages if stage.billable and not stage.no_cache and stage.id not in before
    ]
