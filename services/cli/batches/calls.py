"""Calls of the gateway's API about batches."""

from pathlib import Path
from typing import Any

from services.cli.client import CANCEL_SECONDS, GatewayClient, quoted

Batch = dict[str, Any]
CONTENT_TYPE = {"content-type": "application/jsonl"}
CREATE_SECONDS = 600.0
"""Time for the gateway to read all lines and inspect what they name."""


def is_batch(identifier: str) -> bool:
    """Tells whether the id is that of a batch, and not of a job."""
    return identifier.startswith("batch_")


async def create_batch(client: GatewayClient, lines: bytes) -> Batch:
    return await client.call(
        "POST", "/v1/batches", content=lines, headers=CONTENT_TYPE, timeout=CREATE_SECONDS
    )


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
