"""Waits for a batch to end."""

import asyncio
from collections.abc import Callable

from services.cli.batches.calls import Batch, get_batch
from services.cli.client import GatewayClient
from services.cli.errors import JobFailed

POLL_SECONDS = 1.0


async def wait_for_batch(
    client: GatewayClient,
    batch: Batch,
    handle_change: Callable[[Batch], None],
    poll_seconds: float = POLL_SECONDS,
) -> Batch:
    """Returns the ended batch. `handle_change` gets it first as it is, and then at each change."""
    handle_change(batch)
    while batch["status"] == "in_progress":
        await asyncio.sleep(poll_seconds)
        latest = await get_batch(client, batch["id"])
        if latest != batch:
            handle_change(latest)
        batch = latest
    return batch


def counts_text(batch: Batch) -> str:
    """Returns how far the batch is, such as `40%: 3 of 10 completed, 1 failed`."""
    counts = batch["request_counts"]
    others = "".join(f", {counts[name]} {name}" for name in ("failed", "cancelled") if counts[name])
    return f"{batch['progress']}%: {counts['completed']} of {counts['total']} completed{others}"


def raise_unless_completed(batch: Batch) -> None:
    """Raises JobFailed if a job of the batch has failed or was cancelled."""
    counts = batch["request_counts"]
    if counts["failed"] or counts["cancelled"]:
        raise JobFailed(
            f"Batch {batch['id']} has ended: {counts_text(batch)}. "
            f"`likeness batches show {batch['id']}` says what failed."
        )
