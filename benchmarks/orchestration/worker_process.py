"""The one worker process of a contender."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress

STOP_SECONDS = 10.0


@asynccontextmanager
async def worker(*argv: str, environment: Mapping[str, str] | None = None) -> AsyncGenerator[None]:
    """A Python program, `argv` as after `python`, that is stopped with all it has started."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *argv, start_new_session=True, env={**os.environ, **(environment or {})}
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
