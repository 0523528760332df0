"""Runs the gateway's commands for keys and workspaces on the database of a stack."""

import json
import os
import subprocess
import sys
from typing import Any

from services.cli.errors import CliError, UsageError
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.local_stack import CODE
from services.cli.stack.state import running_state

MODULE = "services.gateway.accounts"
DATABASE_URL = "LIKENESS_DATABASE_URL"
REFUSED = 2


def call_accounts(folder: DataFolder, *arguments: str) -> Any:
    """Returns what the command prints as JSON.

    It uses the database that LIKENESS_DATABASE_URL names, unless --data was given, and else that of the
    local stack. Raises CliError if there is none, UsageError if the command is refused.
    """
    environment = {**os.environ, DATABASE_URL: database_url(folder)}
    ran = subprocess.run(
        [sys.executable, "-m", MODULE, *arguments],
        cwd=CODE,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode == 0:
        return json.loads(ran.stdout)
    raise (UsageError if ran.returncode == REFUSED else CliError)(ran.stderr.strip())


def database_url(folder: DataFolder) -> str:
    named = os.environ.get(DATABASE_URL)
    if named and not folder.named:
        return named
    state = running_state(folder.state)
    if state is None:
        raise CliError(
            f"No stack runs on {folder.root}. Start one with `{folder.command('up')}`, "
            f"or name a database with {DATABASE_URL}."
        )
    return state.database_url
