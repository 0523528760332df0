"""Finds the gateway that a command talks to, or starts a stack with one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.cli.client import GatewayClient, connect
from services.cli.errors import CliError, UsageError
from services.cli.stack.credentials import load_credentials
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.state import StackState, running_state
from services.cli.stack.supervisor import Report

POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Target:
    """The gateway that the options name, or else the local stack of the data folder."""

    url: str | None
    api_key: str | None
    folder: DataFolder


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a gateway and a key for it. `local` is true for this machine's own stack."""

    url: str
    api_key: str
    local: bool


@asynccontextmanager
async def reach(target: Target) -> AsyncGenerator[GatewayClient]:
    """Connects to the target for as long as the block runs.

    Raises CliError if no gateway was named and no local stack runs.
    """
    address = await find_gateway(target)
    if address is None:
        raise CliError(
            f"No stack runs on {target.folder.root}. "
            f"Start one with `{target.folder.command('up')}`, or name a gateway with --url."
        )
    async with connect(address.url, address.api_key, local=address.local) as client:
        yield client


@asynccontextmanager
async def reach_or_start(target: Target, report: Report) -> AsyncGenerator[GatewayClient]:
    """Connects like `reach`; if no stack runs, starts one for as long as the block runs."""
    from services.cli.stack.local_stack import StackOptions, local_stack

    if await find_gateway(target) is not None:
        async with reach(target) as client:
            yield client
        return
    report(f"no stack is running; starting one on {target.folder.root} for this command")
    async with (
        local_stack(target.folder, StackOptions(one_off=True), report) as stack,
        connect(stack.url, stack.credentials.api_key, local=True) as client,
    ):
        yield client


async def find_gateway(target: Target) -> Address | None:
    """Returns the target's address; `None` if no gateway was named and no local stack runs.

    Raises CliError for a gateway or stack that cannot be used.
    """
    if target.url is not None:
        if target.api_key is None:
            raise UsageError("A gateway that is named needs its key: give --api-key or LIKENESS_API_KEY.")
        return Address(target.url, target.api_key, local=False)
    state = await settled_state(target.folder)
    if state is None:
        return None
    if state.one_off:
        raise CliError(
            "Another `likeness render` or `demo` has a stack of its own on this data folder, "
            f"which ends with it. Wait for it, or start `{target.folder.command('up')}` "
            "and render as many at once as you like."
        )
    return Address(state.url, load_credentials(target.folder.credentials).api_key, local=True)


async def settled_state(folder: DataFolder) -> StackState | None:
    """Waits while the stack starts or stops, and returns its state; `None` if none runs."""
    while True:
        state = running_state(folder.state)
        if state is None or state.phase == "ready" or state.one_off:
            return state
        await asyncio.sleep(POLL_SECONDS)
