"""One question to the gateway that is meant."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from services.cli.commands.options import data_folder

if TYPE_CHECKING:
    from services.cli.client import GatewayClient

Answer = TypeVar("Answer")


def ask(
    url: str | None,
    api_key: str | None,
    data: Path | None,
    question: "Callable[[GatewayClient], Awaitable[Answer]]",
) -> Answer:
    """Raises CliError if no gateway was named and no local stack runs."""
    from services.cli.connection import Target, reach

    async def asked() -> Answer:
        async with reach(Target(url, api_key, data_folder(data))) as client:
            return await question(client)

    return asyncio.run(asked())
