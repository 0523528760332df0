"""Runs a command so that Ctrl-C and SIGTERM end it in order. A second signal ends it at once."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Result = TypeVar("Result")


class Interrupted(Exception):
    """A signal has ended the command, which has cleaned up after itself."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.exit_status = 128 + number


def run_interruptible(command: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine in a new event loop and returns its result.

    The first signal cancels it; Interrupted is raised once it has ended. The second ends this process at
    once, and the kernel ends its children with it.
    """
    received: list[signal.Signals] = []

    def receive(number: signal.Signals, task: "asyncio.Task[Result]") -> None:
        if received:
            os._exit(128 + number)
        received.append(number)
        task.cancel()

    async def guarded() -> Result:
        task = asyncio.ensure_future(command)
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, receive, number, task)
        return await task

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        if not received:
            raise
        raise Interrupted(received[0]) from None
