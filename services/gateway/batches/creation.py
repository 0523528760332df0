"""From the lines of a batch to stored jobs: all of them, or none."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.gateway.batches import repository
from services.gateway.batches.lines import ReadLine, read_lines
from services.gateway.batches.refusal import BatchRefused, LineError, line_error
from services.gateway.batches.repository import Batch
from services.gateway.components import Components
from services.gateway.db.pool import Connection
from services.gateway.http.errors import ApiError
from services.gateway.idempotency.create_once import Claimed, made_once
from services.gateway.idempotency.repository import Claim
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.store.writer import Alongside
from services.gateway.videos.create import build_job, build_video
from services.gateway.videos.preflight import Inspection
from services.gateway.videos.read_request import with_reference
from services.gateway.videos.references import read_holdings
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.resolve import Resolver
from services.gateway.videos.spec import VideoSpec


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    line: ReadLine
    request: VideoRequest
    spec: VideoSpec


async def create_batch(
    components: Components, workspace: str, data: bytes, idempotency_key: str | None
) -> Batch:
    """Raises `BatchRefused` with every wrong line; nothing is stored then."""

    async def make(claimed: Claimed) -> Batch:
        resolved = await resolve(components, workspace, await read_lines(data))
        return await store(components, workspace, await inspect(components, resolved), claimed)

    async def find(batch_id: str) -> Batch | None:
        async with components.pool.acquire() as connection:
            return await repository.find(connection, workspace, batch_id)

    digest = hashlib.sha256(b"batches\n" + data).digest()
    claim = Claim(workspace, idempotency_key, digest) if idempotency_key else None
    return await made_once(components, claim, make, find)


async def resolve(components: Components, workspace: str, lines: Sequence[ReadLine]) -> list[ResolvedLine]:
    requests, longest = [line.request for line in lines], components.settings.max_script_characters
    async with components.pool.acquire() as connection:
        holdings = await read_holdings(connection, workspace, requests, longest)
    resolved: list[ResolvedLine] = []
    errors: list[LineError] = []
    for line in lines:
        try:
            request = await with_reference(line.request, components, workspace)
            spec = Resolver(request, holdings, components.catalogue, components.settings).resolve()
            resolved.append(ResolvedLine(line, request, spec))
        except ApiError as exc:
            errors.append(line_error(line.number, line.custom_id, exc))
        await asyncio.sleep(0)  # let others have their turn
    if errors:
        raise BatchRefused(errors)
    return resolved


async def inspect(components: Components, lines: Sequence[ResolvedLine]) -> list[ResolvedLine]:
    """The lines, with the warnings of their prompts."""
    inspection = Inspection(components)
    await inspection.look_at(each.spec for each in lines)
    errors = [
        line_error(each.line.number, each.line.custom_id, refusal)
        for each in lines
        for refusal in inspection.refusals_of(each.spec, many=each.request.scenes is not None)
    ]
    if errors:
        raise BatchRefused(errors)
    return [replace(each, spec=inspection.with_warnings(each.spec)) for each in lines]


async def store(
    components: Components, workspace: str, lines: Sequence[ResolvedLine], claimed: Claimed
) -> Batch:
    token, now = secrets.token_hex(10), components.clock()
    batch = repository.NewBatch(f"batch_{token}", workspace, len(lines), now)
    jobs: list[Job] = []
    for index, each in enumerate(lines):
        video = replace(
            build_video(components, workspace, each.request, each.spec),
            # In the order of the lines: results come, and work begins, in it.
            id=f"video_{token}{index:04d}",
            created_at=now,
            batch_id=batch.id,
            custom_id=each.line.custom_id,
        )
        jobs.append(build_job(video, each.spec, no_cache=each.request.no_cache))
        await asyncio.sleep(0)  # let others have their turn
    await components.ledger.create(jobs, alongside_of(batch, claimed(batch.id)))
    async with components.pool.acquire() as connection:
        return await repository.get(connection, workspace, batch.id)


def alongside_of(batch: repository.NewBatch, claim: Alongside | None) -> Alongside:
    async def write(connection: Connection) -> None:
        if claim is not None:
            await claim(connection)
        await repository.insert(connection, batch)

    return write
