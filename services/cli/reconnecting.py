"""Calls a gateway that may be away for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from services.cli.errors import GatewayUnreachable

Result = TypeVar("Result")


async def until_answered(call: Callable[[], Awaitable[Result]], wait_seconds: Sequence[float]) -> Result:
    """Returns the result of the call. As long as no response comes, calls again after each of the waits.

    Raises GatewayUnreachable if none comes after the last.
    """
    for seconds in wait_seconds:
        try:
            return await call()
        except GatewayUnreachable:
            await asyncio.sleep(seconds)
    return await call()
