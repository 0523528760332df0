"""Ending asyncio tasks for sure."""

import asyncio
from collections.abc import Iterable
from typing import Any

INSIST_SECONDS = 0.5


async def cancel_and_wait(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Cancel until every task has ended. What they raise stays with them.

    On Python 3.11 `asyncio.wait_for`, which the bus's client uses, returns a result that comes together
    with a cancellation, and that cancellation is lost: so it is said again.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=INSIST_SECONDS)


async def first_to_end(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Wait until one of the tasks has ended, and raise what it raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
