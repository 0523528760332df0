"""Makes, lists and revokes keys and workspaces for the operator: `python -m services.gateway.accounts`.

Prints JSON. Only LIKENESS_DATABASE_URL has to be set.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

import asyncpg

from services.chassis.errors import InvalidArgument
from services.gateway.accounts import repository as accounts
from services.gateway.db.pool import UNREACHABLE_ERRORS, Connection
from services.gateway.settings import DatabaseSettings

CONNECT_SECONDS = 10.0


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit status: 2 for what cannot be done, 1 without a database."""
    options = parser().parse_args(arguments)
    url = DatabaseSettings.model_validate({}).database_url.get_secret_value()
    try:
        result = asyncio.run(connected(url, options))
    except InvalidArgument as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    except (*UNREACHABLE_ERRORS, asyncpg.PostgresError, OSError, TimeoutError) as error:
        sys.stderr.write(f"The database of LIKENESS_DATABASE_URL cannot be used: {error}\n")
        return 1
    sys.stdout.write(f"{json.dumps(result, indent=2, default=str)}\n")
    return 0


async def connected(url: str, options: argparse.Namespace) -> object:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        return await run(connection, options)
    finally:
        await connection.close()


async def run(connection: Connection, options: argparse.Namespace) -> object:
    match options.what, options.action:
        case "keys", "create":
            return await accounts.create_key(connection, options.workspace, options.name)
        case "keys", "list":
            return await accounts.list_keys(connection, options.workspace)
        case "keys", _:
            return await accounts.revoke_key(connection, options.id)
        case _, "create":
            return await accounts.create_workspace(connection, options.id, options.name or options.id)
        case _, "list":
            return await accounts.list_workspaces(connection)
        case _:
            await accounts.delete_workspace(connection, options.id)
            return {"id": options.id, "deleted": True}


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m services.gateway.accounts", description=__doc__)
    groups = whole.add_subparsers(dest="what", required=True)
    keys = groups.add_parser("keys").add_subparsers(dest="action", required=True)
    create = keys.add_parser("create", help="shows the key, once")
    create.add_argument("--workspace", required=True)
    create.add_argument("--name", required=True)
    keys.add_parser("list").add_argument("--workspace")
    keys.add_parser("revoke").add_argument("id")
    workspaces = groups.add_parser("workspaces").add_subparsers(dest="action", required=True)
    create = workspaces.add_parser("create")
    create.add_argument("id")
    create.add_argument("--name", default="")
    workspaces.add_parser("list")
    workspaces.add_parser("delete", help="deletes its keys, jobs, assets and files").add_argument("id")
    return whole


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
