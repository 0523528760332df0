"""Defines `likeness download`, which fetches the file of a job."""

from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import ApiKeyOption, DataOption, UrlOption

if TYPE_CHECKING:
    from services.cli.client import GatewayClient


def download(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="Of a completed video or audio job.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Where it goes; - is stdout. By default a new file: the id with its ending."
        ),
    ] = None,
    variant: Annotated[
        str | None, typer.Option(help="Another file of a video: audio or thumbnail; by default video.")
    ] = None,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Download the file of a completed job."""
    from services.cli.destination import STDOUT, check_destination

    if out is not None:
        check_destination(out)
    file = call_gateway(url, api_key, data, lambda client: fetch(client, job_id, out, variant))
    if file != STDOUT:
        print(file)


async def fetch(client: "GatewayClient", job_id: str, out: Path | None, variant: str | None) -> Path:
    """Returns the written file. Raises CliError for a job that is not completed, and UsageError as
    `place_for` does."""
    from services.cli.client import advice_about
    from services.cli.errors import CliError
    from services.cli.job_text import failure_text, state_text
    from services.cli.transfer import write_body

    job = await client.job(job_id)
    if job["status"] in ("failed", "cancelled"):
        raise CliError(f"There is no file: {failure_text(job)}")
    if job["status"] != "completed":
        raise CliError(f"{job_id} is not done: {state_text(job)}. `likeness watch {job_id}` waits for it.")
    async with client.content(job, variant) as response:
        ending = ending_in(response.headers.get("content-disposition", ""))
        destination = place_for(job_id, ending, out)
        await write_body(response, destination, advice_about(job))
    return destination


def ending_in(content_disposition: str) -> str:
    """Returns the ending of the name that the gateway gives the file, such as `.mp4`; empty if none."""
    header = Message()
    header["content-disposition"] = content_disposition
    return Path(header.get_filename() or "").suffix


def place_for(job_id: str, ending: str, out: Path | None) -> Path:
    """Returns where the file of a job goes.

    Raises UsageError if `out` has another ending, or, without `out`, if the file is there already.
    """
    from services.cli.destination import STDOUT
    from services.cli.errors import UsageError

    if out is None:
        own = Path(f"{job_id}{ending}")
        if own.exists():
            raise UsageError(f"{own} is there already. Name it with --out to replace it, or another file.")
        return own
    if out != STDOUT and ending and out.suffix.lower() != ending:
        raise UsageError(f"--out {out}: this file ends with {ending}. Nothing was written.")
    return out
