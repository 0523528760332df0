"""Waits for a batch to end."""

import asyncio
from collections.abc import Callable

from services.cli.batches.calls import Batch, get_batch
from services.cli.client import GatewayClient
from services.cli.errors import GatewayUnreachable, JobFailed
from services.cli.reconnecting import until_answered

POLL_SECONDS = 1.0


async def wait_for_batch(
    client: GatewayClient,
    batch: Batch,
    handle_change: Callable[[Batch], None],
    poll_seconds: float = POLL_SECONDS,
) -> Batch:
    """Returns the ended batch. `handle_change` gets it first as it is, and then at each change.

    A lost connection is opened again. Raises GatewayUnreachable if the gateway stays away.
    """
    handle_change(batch)
    while batch["status"] == "in_progress":
        await asyncio.sleep(poll_seconds)
        latest = await latest_of(client, batch["id"])
        if latest != batch:
            handle_change(latest)
        batch = latest
    return batch


async def latest_of(client: GatewayClient, batch_id: str) -> Batch:
    """Returns the batch as it is now, also after a while without the gateway."""
    try:
        return await until_answered(lambda: get_batch(client, batch_id), client.reconnect_seconds)
    except GatewayUnreachable as exc:
        raise GatewayUnreachable(
            f"Lost the gateway while batch {batch_id} was being made; it may still be. "
            f"`likeness watch {batch_id}` follows it again. {exc.message}"
        ) from exc


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
