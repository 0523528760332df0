"""Makes one call to the gateway that the options name."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from services.cli.commands.options import data_folder

if TYPE_CHECKING:
    from services.cli.client import GatewayClient

Result = TypeVar("Result")


def call_gateway(
    url: str | None,
    api_key: str | None,
    data: Path | None,
    call: "Callable[[GatewayClient], Awaitable[Result]]",
) -> Result:
    """Connects to the gateway and returns what `call` returns.

    Raises CliError if no gateway was named and no local stack runs.
    """
    from services.cli.connection import Target, reach
    from services.cli.interrupt import run_interruptible

    async def connect_and_call() -> Result:
        async with reach(Target(url, api_key, data_folder(data))) as client:
            return await call(client)

    return run_interruptible(connect_and_call())
