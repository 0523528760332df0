"""Calls of the gateway's API about batches."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from services.cli.client import CANCEL_SECONDS, GatewayClient, quoted
from services.cli.errors import GatewayUnreachable
from services.cli.reconnecting import until_answered

Batch = dict[str, Any]
CREATE_SECONDS = 600.0
"""Time for the gateway to read all lines and inspect what they name."""


def is_batch(identifier: str) -> bool:
    """Tells whether the id is that of a batch, and not of a job."""
    return identifier.startswith("batch_")


async def create_batch(client: GatewayClient, lines: bytes) -> Batch:
    """Creates the batch, once even if a response is lost: all tries have the same `Idempotency-Key`."""
    headers = {"content-type": "application/jsonl", "idempotency-key": uuid4().hex}

    async def create(**arguments: Any) -> Batch:
        return await client.call("POST", "/v1/batches", content=lines, headers=headers, **arguments)

    try:
        return await create(timeout=CREATE_SECONDS)
    except GatewayUnreachable as exc:
        if not exc.sent:
            raise
    try:
        return await until_answered(create, client.reconnect_seconds)
    except GatewayUnreachable as exc:
        raise GatewayUnreachable(
            f"Lost the gateway while the batch was being made. `likeness batches` lists it if it was. "
            f"{exc.message}"
        ) from exc


async def get_batch(client: GatewayClient, batch_id: str) -> Batch:
    return await client.call("GET", f"/v1/batches/{quoted(batch_id)}")


async def cancel_batch(client: GatewayClient, batch_id: str) -> Batch:
    return await client.call("POST", f"/v1/batches/{quoted(batch_id)}/cancel", timeout=CANCEL_SECONDS)


async def list_batches(client: GatewayClient, limit: int) -> list[Batch]:
    return await client.page_through("/v1/batches", {}, limit)


async def failed_jobs(client: GatewayClient, batch_id: str, limit: int) -> list[dict[str, Any]]:
    """Returns jobs of the batch that have failed, in the order of its lines."""
    filters = {"batch_id": batch_id, "status": "failed", "order": "asc"}
    return await client.page_through("/v1/jobs", filters, limit)


async def save_results(client: GatewayClient, batch_id: str, destination: Path) -> None:
    """Writes the present state of every job as JSON Lines, in the order of the batch's lines."""
    await client.save(f"/v1/batches/{quoted(batch_id)}/results", destination)
