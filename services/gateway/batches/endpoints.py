"""`/v1/batches`: up to a thousand jobs at once, JSON Lines in and out."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from services.gateway.batches import repository
from services.gateway.batches.creation import create_batch
from services.gateway.batches.intake import read_batch
from services.gateway.batches.results import stream_results
from services.gateway.batches.schemas import BatchObject
from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import Codes, errors
from services.gateway.http.guarded_route import LinesRoute
from services.gateway.http.pagination import Page
from services.gateway.idempotency.create_once import IdempotencyKey
from services.gateway.intake.body_schema import FILE

router = APIRouter(prefix="/v1/batches", tags=["batches"], dependencies=REQUIRES_KEY, route_class=LinesRoute)
CANCEL_BATCH_SIZE = 100
NOT_FOUND: Codes = {404: "batch_not_found"}
REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/jsonl": {"schema": {"$ref": "#/components/schemas/BatchLine"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": FILE | {"description": "The lines, as a file."}},
                }
            },
        },
    }
}


@router.post(
    "",
    openapi_extra=REQUEST_BODY,
    responses=errors(
        {
            415: "unsupported_content_type",
            422: ("idempotency_key_reused", "batch_invalid", "batch_empty", "batch_too_long", "file_missing"),
            503: "engine_unavailable",
        },
    ),
)
async def post_batch(
    request: Request, workspace: Workspace, components: Wired, idempotency_key: IdempotencyKey = None
) -> BatchObject:
    """Create up to 1,000 jobs of any kind, one JSON object a line. All are accepted, or none: if lines are
    wrong, the 422 says how many, and lists up to 50 errors in `details`, with `line` and `custom_id`."""
    data = await read_batch(request)
    return BatchObject.of(await create_batch(components, workspace, data, idempotency_key))


@router.get("")
async def list_batches(
    workspace: Workspace,
    components: Wired,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[BatchObject]:
    """List batches, the newest first."""
    async with components.pool.acquire() as connection:
        found = await repository.page(connection, workspace, after, limit + 1)
    return Page[BatchObject].of([BatchObject.of(batch) for batch in found[:limit]], more=len(found) > limit)


@router.get("/{batch_id}", responses=errors(NOT_FOUND))
async def get_batch(batch_id: str, workspace: Workspace, components: Wired) -> BatchObject:
    """Get a batch with the counts of its jobs."""
    async with components.pool.acquire() as connection:
        return BatchObject.of(await repository.get(connection, workspace, batch_id))


@router.get(
    "/{batch_id}/results",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/jsonl": {}}, "description": "A `ResultLine` for each job."},
        **errors(NOT_FOUND),
    },
)
async def get_results(batch_id: str, workspace: Workspace, components: Wired) -> StreamingResponse:
    """Get a line for each job in the order of the batch's lines, with the job's present state."""
    async with components.pool.acquire() as connection:
        await repository.get(connection, workspace, batch_id)
    lines = stream_results(components.jobs, workspace, batch_id)
    return StreamingResponse(lines, media_type="application/jsonl")


@router.post("/{batch_id}/cancel", responses=errors(NOT_FOUND))
async def cancel_batch(batch_id: str, workspace: Workspace, components: Wired) -> BatchObject:
    """Stop all work on the batch. Jobs that have ended stay as they are."""
    async with components.pool.acquire() as connection:
        await repository.get(connection, workspace, batch_id)
        ids = await repository.begin_cancel(connection, workspace, batch_id, components.clock())
    for start in range(0, len(ids), CANCEL_BATCH_SIZE):
        await components.jobs.writer.cancel(workspace, ids[start : start + CANCEL_BATCH_SIZE])
    return await get_batch(batch_id, workspace, components)
