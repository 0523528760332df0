"""The one worker process of a contender. Linux only, as the measurements of CPU time are."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress

STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


@asynccontextmanager
async def worker(*argv: str, environment: Mapping[str, str] | None = None) -> AsyncGenerator[None]:
    """A Python program, `argv` as after `python`, that is stopped with all it has started."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *argv,
        start_new_session=True,
        preexec_fn=end_with_parent,
        env={**os.environ, **(environment or {})},
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


def end_with_parent() -> None:
    """Run in the child: a driver that is killed leaves no worker behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
