"""Does the same with each of several ids."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from services.cli.commands.gateway_call import call_gateway
from services.cli.errors import CliError, GatewayRefused

if TYPE_CHECKING:
    from services.cli.client import GatewayClient


class CannotDo(CliError):
    """One of the ids is not one that the command can do something with now."""


class SomeFailed(CliError):
    """Some ids could not be handled; each has had its own message."""


def delete_each(
    url: str | None,
    api_key: str | None,
    data: Path | None,
    identifiers: list[str],
    delete: "Callable[[GatewayClient, str], Awaitable[None]]",
) -> None:
    """Deletes what has the ids, as `for_each` does."""

    async def delete_one(client: "GatewayClient", identifier: str) -> str:
        await delete(client, identifier)
        return f"{identifier}: deleted"

    for_each(url, api_key, data, identifiers, delete_one)


def for_each(
    url: str | None,
    api_key: str | None,
    data: Path | None,
    identifiers: list[str],
    act: "Callable[[GatewayClient, str], Awaitable[str]]",
) -> None:
    """Prints what `act` says of each id. Raises SomeFailed at the end if it has refused some of them."""

    async def act_on_all(client: "GatewayClient") -> int:
        failed = 0
        for identifier in dict.fromkeys(identifiers):
            try:
                print(await act(client, identifier))
            except (GatewayRefused, CannotDo) as exc:
                failed += 1
                print(f"{identifier}: {exc.message}", file=sys.stderr)
        return failed

    failed = call_gateway(url, api_key, data, act_on_all)
    if failed:
        raise SomeFailed(f"{failed} of {len(dict.fromkeys(identifiers))} could not be done.")
