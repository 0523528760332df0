"""Defines `likeness workspaces`, by which an operator makes, lists and deletes workspaces."""

import json
from typing import Annotated

import typer

from services.cli.commands.keys import moment
from services.cli.commands.options import (
    DataOption,
    JsonOption,
    data_folder,
    refuse_options_before_subcommand,
)
from services.cli.commands.table import show

workspaces = typer.Typer(name="workspaces", no_args_is_help=False)
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits, hyphens, underscores.")]


@workspaces.callback(invoke_without_command=True)
def list_workspaces(context: typer.Context, as_json: JsonOption = False, data: DataOption = None) -> None:
    """List the workspaces. For the operator: it asks the database."""
    from services.cli.accounts import call_accounts

    if context.invoked_subcommand is not None:
        return refuse_options_before_subcommand(context)
    found = call_accounts(data_folder(data), "workspaces", "list")
    rows = [[each["id"], each["name"], str(each["keys"]), moment(each["created_at"])] for each in found]
    return show(found, ["id", "name", "keys", "created"], rows, as_json)


@workspaces.command("create")
def create_workspace(
    workspace_id: IdArgument,
    name: Annotated[str, typer.Option(help="As people call it; by default the id.")] = "",
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Make a workspace. `likeness keys create` makes keys for it."""
    from services.cli.accounts import call_accounts

    made = call_accounts(data_folder(data), "workspaces", "create", workspace_id, "--name", name)
    print(json.dumps(made, indent=2) if as_json else f"{workspace_id} is made.")


@workspaces.command("delete")
def delete_workspace(
    workspace_id: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Delete a workspace with its keys, jobs, avatars and files. Refused while jobs of it are under way."""
    from services.cli.accounts import call_accounts

    if not yes:
        typer.confirm(f"Delete {workspace_id} with everything in it, for ever?", abort=True, err=True)
    deleted = call_accounts(data_folder(data), "workspaces", "delete", workspace_id)
    print(json.dumps(deleted, indent=2) if as_json else f"{workspace_id} is deleted.")
