"""Defines `likeness down`, which stops the running stack."""

import contextlib
import os
import signal

from services.cli.commands.options import DataOption, data_folder

STOP_SECONDS = 60.0


def down(data: DataOption = None) -> None:
    """Stop the running stack and wait until it has ended."""
    from services.cli.errors import StackError
    from services.cli.stack.state import running_state

    folder = data_folder(data)
    state = running_state(folder.state)
    if state is None:
        print(f"No stack runs on {folder.root}.")
        return
    pid = state.supervisor.pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    if not state.supervisor.wait_for_end(STOP_SECONDS):
        raise StackError(
            f"Process {pid} has not stopped in {STOP_SECONDS:g} s. `kill -9 {pid}` ends it and its children."
        )
    print(f"Stopped. The data is kept in {folder.root}.")
