"""Defines `likeness retry`, which does a failed job again."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import ApiKeyOption, DataOption, UrlOption

if TYPE_CHECKING:
    from services.cli.client import GatewayClient, Job


def retry(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="Of a failed video or audio job.")],
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Do a failed job again as a new one, from what was completed.

    Only what has failed for a reason that may pass, such as a crash or a full disk, can be done again.
    """
    job = call_gateway(url, api_key, data, lambda client: retry_job(client, job_id))
    print(f"{job['id']} does {job_id} again; `likeness watch {job['id']}` follows it")


async def retry_job(client: "GatewayClient", job_id: str) -> "Job":
    """Returns the new job. Raises CliError if the job has not failed, or would fail again."""
    from services.cli.errors import CliError, GatewayRefused
    from services.cli.job_text import failure_text

    job = await client.job(job_id)
    if job["status"] != "failed":
        raise CliError(f"{job_id} is {job['status']}: only a failed job is done again.")
    for stage in job["stages"]:
        if stage["state"] != "failed":
            continue
        try:
            return await client.retry(stage["id"])
        except GatewayRefused as exc:
            if exc.code != "dead_letter_not_found":
                raise
    raise CliError(f"{job_id} would fail again: {failure_text(job)} Change the request, and ask for it anew.")
