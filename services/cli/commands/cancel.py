"""Defines `likeness cancel`, which stops work."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.each import for_each
from services.cli.commands.options import ApiKeyOption, DataOption, UrlOption

if TYPE_CHECKING:
    from services.cli.client import GatewayClient


def cancel(
    identifiers: Annotated[
        list[str], typer.Argument(metavar="ID", help="Of videos, audio jobs and batches.")
    ],
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Stop all work on jobs or batches. What has ended stays as it is."""
    for_each(url, api_key, data, identifiers, cancel_one)


async def cancel_one(client: "GatewayClient", identifier: str) -> str:
    """Returns what has become of the job or batch."""
    from services.cli.batches.calls import cancel_batch, is_batch
    from services.cli.batches.waiting import counts_text

    if is_batch(identifier):
        batch = await cancel_batch(client, identifier)
        return f"{identifier}: {batch['status']}, {counts_text(batch)}"
    job = await client.cancel(identifier)
    if job["status"] == "cancelled":
        return f"{identifier}: cancelled"
    return f"{identifier}: {job['status']} already, nothing to cancel"
