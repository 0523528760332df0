"""Of several stages that have made the same result, only the first is billed."""

from collections.abc import Sequence
from dataclasses import replace

from services.gateway.db.pool import Connection
from services.gateway.jobs.domain.job_update import Decision
from services.gateway.jobs.domain.models import Stage
from services.gateway.jobs.scheduling.cross_job import key_of
from services.gateway.jobs.scheduling.scheduler import billed_elsewhere


async def compare_bills(connection: Connection, decisions: Sequence[Decision]) -> None:
    """Take the bill from each stage whose result another one has been billed for."""
    newly = [(decision, stage) for decision in decisions for stage in newly_billed(decision)]
    keys = [key_of(stage) for _, stage in newly]
    taken = await billed_elsewhere(connection, keys, [stage.id for _, stage in newly])
    for decision, stage in newly:
        if key_of(stage) in taken:
            decision.put(replace(stage, billable=False))
        taken.add(key_of(stage))


def newly_billed(decision: Decision) -> list[Stage]:
    before = {stage.id for stage in decision.before.stages if stage.billable}
    return [
        stage for stage in decision.stages if stage.billable and not stage.no_cache and stage.id not in before
    ]
