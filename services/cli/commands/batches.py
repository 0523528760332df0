"""Defines `likeness batches`, which lists batches, shows one, and fetches its results."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import (
    ApiKeyOption,
    DataOption,
    JsonOption,
    LimitOption,
    UrlOption,
    refuse_options_before_subcommand,
)
from services.cli.commands.table import print_table, show
from services.cli.job_text import age, failure_text

if TYPE_CHECKING:
    from services.cli.batches.calls import Batch
    from services.cli.client import GatewayClient, Job

batches = typer.Typer(name="batches", no_args_is_help=False)
COUNTS = ["total", "completed", "failed", "cancelled"]
MAX_FAILED_JOBS = 100
"""Maximum number of failed jobs that `show` names."""
BatchArgument = Annotated[str, typer.Argument(metavar="ID", help="Of a batch.")]


@batches.callback(invoke_without_command=True)
def list_batches(
    context: typer.Context,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List batches, the newest first."""
    from services.cli.batches.calls import list_batches as fetch

    if context.invoked_subcommand is not None:
        return refuse_options_before_subcommand(context)
    found = call_gateway(url, api_key, data, lambda client: fetch(client, limit))
    now = time.time()
    rows = [
        [
            each["id"],
            each["status"],
            f"{each['progress']}%",
            *(str(each["request_counts"][name]) for name in COUNTS),
            age(each, now),
        ]
        for each in found
    ]
    return show(found, ["id", "status", "progress", *COUNTS, "age"], rows, as_json)


@batches.command("show")
def show_batch(
    batch_id: BatchArgument,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Show a batch: how many of its jobs are how far, and what has failed."""
    from services.cli.batches.calls import failed_jobs, get_batch

    async def fetch(client: "GatewayClient") -> "tuple[Batch, list[Job]]":
        found = await get_batch(client, batch_id)
        has_failed = found["request_counts"]["failed"] and not as_json
        return found, await failed_jobs(client, batch_id, MAX_FAILED_JOBS) if has_failed else []

    found, failed = call_gateway(url, api_key, data, fetch)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, text in fields_of(found, time.time()):
        print(f"{name:<9} {text}")
    if failed:
        print()
        print_table(["custom_id", "job", "error"], [failed_row(job) for job in failed])


@batches.command("results")
def batch_results(
    batch_id: BatchArgument,
    out: Annotated[Path, typer.Option("-o", "--out", help="Where they go; - is stdout.")] = Path("-"),
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Print the present state of every job of a batch, one JSON object a line, in the order of its lines."""
    from services.cli.batches.calls import save_results
    from services.cli.destination import STDOUT, check_destination

    if out != STDOUT:
        check_destination(out)
    call_gateway(url, api_key, data, lambda client: save_results(client, batch_id, out))


def fields_of(batch: dict[str, Any], now: float) -> list[tuple[str, str]]:
    counts = batch["request_counts"]
    return [
        ("id", batch["id"]),
        ("status", f"{batch['status']}, {batch['progress']}%"),
        ("created", f"{age(batch, now)} ago"),
        *((name, str(count)) for name, count in counts.items() if count or name == "total"),
    ]


def failed_row(job: "Job") -> list[str]:
    return [job["custom_id"] or "", job["id"], failure_text(job)]
