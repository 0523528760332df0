"""Defines `likeness keys`, by which an operator makes, lists and revokes API keys."""

import json
from typing import Annotated

import typer

from services.cli.commands.options import (
    DataOption,
    JsonOption,
    data_folder,
    refuse_options_before_subcommand,
)
from services.cli.commands.table import show

COLUMNS = ["id", "workspace", "name", "created", "revoked"]
keys = typer.Typer(name="keys", no_args_is_help=False)
WorkspaceOption = Annotated[str | None, typer.Option("--workspace", help="Only those of this workspace.")]


@keys.callback(invoke_without_command=True)
def list_keys(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List the API keys, without their secrets. For the operator: it asks the database."""
    from services.cli.accounts import call_accounts

    if context.invoked_subcommand is not None:
        return refuse_options_before_subcommand(context)
    chosen = ["--workspace", workspace] if workspace else []
    found = call_accounts(data_folder(data), "keys", "list", *chosen)
    rows = [
        [key["id"], key["workspace_id"], key["name"], moment(key["created_at"]), moment(key["revoked_at"])]
        for key in found
    ]
    return show(found, COLUMNS, rows, as_json)


@keys.command("create")
def create_key(
    workspace: Annotated[str, typer.Argument(metavar="WORKSPACE", help="Id of the workspace that it opens.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "key",
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Make an API key. It is shown now and never again."""
    from services.cli.accounts import call_accounts

    made = call_accounts(data_folder(data), "keys", "create", "--workspace", workspace, "--name", name)
    print(json.dumps(made, indent=2) if as_json else f"{made['id']}  {made['key']}")


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `likeness keys` shows it.")],
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Revoke an API key. It opens nothing from now on."""
    from services.cli.accounts import call_accounts

    revoked = call_accounts(data_folder(data), "keys", "revoke", key_id)
    print(json.dumps(revoked, indent=2) if as_json else f"{key_id} is revoked.")


def moment(time: str | None) -> str:
    """Returns a time without its fractions; nothing for none."""
    return (time or "").partition(".")[0]
