"""Ends the processes that a killed stack has left behind."""

import asyncio
import contextlib
import os
import signal

from services.cli.stack.data_folder import DataFolder
from services.cli.stack.state import ProcessMark, load_state
from services.cli.stack.supervisor import Report

GRACE_SECONDS = 10.0


async def clear_leftovers(folder: DataFolder, report: Report) -> None:
    """Ends the processes that certainly belong to the folder's last stack. Call it with the lock held."""
    state = load_state(folder.state)
    if state is None:
        return
    marks = [part.process for part in state.parts if part.process is not None]
    alive = [process for process in marks if process.is_alive()]
    if alive:
        report(f"the last stack was killed; ending {len(alive)} of its processes")
        await asyncio.gather(*(asyncio.to_thread(end, process) for process in alive))
    folder.state.unlink(missing_ok=True)


def end(process: ProcessMark, grace_seconds: float = GRACE_SECONDS) -> None:
    """Sends SIGTERM, waits, and sends SIGKILL if the process has not ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
        if process.wait_for_end(grace_seconds):
            return
