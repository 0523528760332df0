"""Defines `likeness delete`, which deletes jobs."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.each import CannotDo, delete_each
from services.cli.commands.options import ApiKeyOption, DataOption, UrlOption

if TYPE_CHECKING:
    from services.cli.client import GatewayClient

OTHER_COMMANDS = {
    "avatar_": "`likeness avatars delete` deletes avatars.",
    "batch_": "A batch is not deleted itself; delete its jobs: `likeness list --batch ID` shows them.",
}


def delete(
    identifiers: Annotated[list[str], typer.Argument(metavar="ID", help="Of jobs, such as videos.")],
    force: Annotated[bool, typer.Option("--force", help="Delete what is under way too; cancels it.")] = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Delete jobs and their files. What is still under way needs --force."""

    async def delete_one(client: "GatewayClient", identifier: str) -> None:
        for prefix, advice in OTHER_COMMANDS.items():
            if identifier.startswith(prefix):
                raise CannotDo(advice)
        await delete_job(client, identifier, force=force)

    delete_each(url, api_key, data, identifiers, delete_one)


async def delete_job(client: "GatewayClient", job_id: str, *, force: bool) -> None:
    """Deletes the job. Raises CannotDo if it is under way, unless `force`."""
    from services.cli.client import TERMINAL

    if not force:
        job = await client.job(job_id)
        if job["status"] not in TERMINAL:
            raise CannotDo(
                f"It is {job['status']}. Cancel it first with `likeness cancel {job_id}`, or give --force."
            )
    await client.delete(job_id)
