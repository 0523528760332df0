"""Waits for a server as long as it answers any of its clients."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Patience:
    """Raises TimeoutError for those who wait, once nothing has been answered for `seconds`.

    Where many wait because there is much to do, answers keep coming, and no caller is given up.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._answered_at = float("-inf")

    def answered(self) -> None:
        self._answered_at = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def waiting(self) -> AsyncGenerator[None]:
        """Runs the block. Raises TimeoutError if no caller was answered for too long, counted from the
        beginning of the block on."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.timeout(None) as limit:

            def look() -> None:
                nonlocal timer
                patient_until = max(begun, self._answered_at) + self.seconds
                if patient_until <= loop.time():
                    limit.reschedule(loop.time())
                else:
                    timer = loop.call_at(patient_until, look)

            timer = loop.call_later(self.seconds, look)
            try:
                yield
            finally:
                timer.cancel()
