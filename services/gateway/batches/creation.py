"""Stores the jobs of a batch's lines: all of them, or none."""

import asyncio
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.chassis.aio import off_loop
from services.chassis.observability.telemetry import current_traceparent
from services.gateway.batches import repository
from services.gateway.batches.lines import ReadLine, read_lines
from services.gateway.batches.refusal import BatchRefused, body_errors, line_errors
from services.gateway.batches.repository import Batch
from services.gateway.components import Components
from services.gateway.db.pool import Connection
from services.gateway.http.errors import ErrorDetail
from services.gateway.idempotency.create_once import Claimed, create_once
from services.gateway.idempotency.repository import Claim
from services.gateway.jobs.domain.job_plan import JobIdentity, JobPlan, build_job
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.kinds import Refused
from services.gateway.jobs.store.write_requests import ExtraWrites

Plans = Mapping[int, JobPlan]
"""Plans by the number of their line."""


async def create_batch(
    components: Components, workspace: str, data: bytes, idempotency_key: str | None
) -> Batch:
    """Stores the batch with all of its jobs. Raises `BatchRefused` with every wrong line; nothing is stored
    then."""

    async def make(claimed: Claimed) -> Batch:
        read = await read_lines(data, components.jobs.kinds)
        plans, refused = await plan(components, workspace, read.lines)
        if errors := [*read.errors, *refused]:
            raise BatchRefused(errors)
        return await store(components, workspace, read.lines, plans, claimed)

    async def find(batch_id: str) -> Batch | None:
        async with components.pool.acquire() as connection:
            return await repository.find(connection, workspace, batch_id)

    claim = None
    if idempotency_key:
        digest = await off_loop(lambda: hashlib.sha256(b"batches\n" + data).digest(), len(data))
        claim = Claim(workspace, idempotency_key, digest)
    return await create_once(components, claim, make, find)


async def plan(
    components: Components, workspace: str, lines: Sequence[ReadLine]
) -> tuple[Plans, list[ErrorDetail]]:
    """Plans the lines of each kind together. Returns the plans, and the errors of the refused lines."""
    by_kind: defaultdict[str, list[ReadLine]] = defaultdict(list)
    for line in lines:
        by_kind[line.kind.name].append(line)
    plans: dict[int, JobPlan] = {}
    errors: list[ErrorDetail] = []
    for same in by_kind.values():
        planned = await same[0].kind.plan(components, workspace, [line.request for line in same])
        for line, each in zip(same, planned, strict=True):
            if isinstance(each, Refused):
                errors += line_errors(line.number, line.custom_id, body_errors(each.errors))
            else:
                plans[line.number] = each
    return plans, errors


async def store(
    components: Components, workspace: str, lines: Sequence[ReadLine], plans: Plans, claimed: Claimed
) -> Batch:
    """Stores the batch, its jobs and its idempotency key in one transaction."""
    token, now = secrets.token_hex(10), components.clock()
    batch = repository.NewBatch(f"batch_{token}", workspace, len(lines), now)
    jobs: list[Job] = []
    for index, line in enumerate(lines):
        identity = JobIdentity(
            # Ends in the number of the line: results are listed in that order.
            id=f"{line.kind.name}_{token}{index:04d}",
            kind=line.kind.name,
            workspace_id=workspace,
            created_at=now,
            traceparent=current_traceparent(),
            batch_id=batch.id,
            custom_id=line.custom_id,
        )
        jobs.append(build_job(identity, plans[line.number]))
        await asyncio.sleep(0)  # a thousand jobs take a while: other tasks run in between
    await components.jobs.writer.create(
        await components.jobs.estimator.with_turns(jobs), extra_writes_of(batch, claimed(batch.id))
    )
    async with components.pool.acquire() as connection:
        return await repository.get(connection, workspace, batch.id)


def extra_writes_of(batch: repository.NewBatch, claim: ExtraWrites | None) -> ExtraWrites:
    async def write(connection: Connection) -> None:
        if claim is not None:
            await claim(connection)
        await repository.insert(connection, batch)

    return write
