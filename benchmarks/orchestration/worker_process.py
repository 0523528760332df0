"""Runs the one worker process of a contender. Linux only, as the measurements of CPU time are."""

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
    """Runs a Python program, `argv` as after `python`. At the end it is stopped with all its children."""
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
    """Makes the kernel end this child when the driver dies. Runs in the child between fork and exec."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
