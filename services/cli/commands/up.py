"""`likeness up`"""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.options import DataOption, data_root

if TYPE_CHECKING:
    from services.cli.stack.data_folder import DataFolder
    from services.cli.stack.local_stack import StackOptions

POLL_SECONDS = 0.1


def up(
    data: DataOption = None,
    port: Annotated[
        int | None, typer.Option(help="Of the gateway; by default the last one, 8000, or a free one.")
    ] = None,
    trace_file: Annotated[
        Path | None, typer.Option(help="Append the spans of all services to this file.", metavar="FILE")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return once it is ready; it runs on.")] = False,
) -> None:
    """Start Likeness on this machine: servers, gateway and workers. Ctrl-C stops it."""
    from services.cli.stack.data_folder import DataFolder
    from services.cli.stack.local_stack import StackOptions

    folder = DataFolder(data_root(data))
    options = StackOptions(port=port, trace_file=trace_file and trace_file.absolute())
    if detach:
        run_detached(folder, options)
    else:
        run_in_foreground(folder, options)


def run_in_foreground(folder: "DataFolder", options: "StackOptions") -> None:
    from services.cli.commands.addresses import print_addresses
    from services.cli.interrupt import Interrupted, run_interruptible
    from services.cli.stack.local_stack import local_stack

    async def serve() -> None:
        async with local_stack(folder, options, announce):
            print_addresses(folder)
            announce(f"ready in {time.monotonic() - started:.1f} s; Ctrl-C stops it")
            await asyncio.Event().wait()

    started = time.monotonic()
    try:
        run_interruptible(serve())
    except Interrupted:
        announce("stopped")


def run_detached(folder: "DataFolder", options: "StackOptions") -> None:
    """Returns once the stack is ready. Raises StackError if it ends instead."""
    from services.cli.commands.addresses import print_addresses
    from services.cli.stack.local_stack import CODE

    folder.create()
    argv = [sys.executable, "-m", "services.cli", "up", "--data", str(folder.root)]
    argv += ["--port", str(options.port)] if options.port is not None else []
    argv += ["--trace-file", str(options.trace_file)] if options.trace_file is not None else []
    output = folder.logs / "up.out"
    with output.open("wb") as out:
        child = subprocess.Popen(
            argv, cwd=CODE, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_until_ready(folder, child, output)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    print_addresses(folder)
    announce("it runs on; `likeness down` stops it")


def wait_until_ready(folder: "DataFolder", child: "subprocess.Popen[bytes]", output: Path) -> None:
    """Raises StackError with what the child said if it ends instead."""
    from services.cli.errors import StackError
    from services.cli.stack.state import running_state

    while True:
        state = running_state(folder.state)
        if state is not None and state.supervisor.pid == child.pid and state.phase == "ready":
            return
        if child.poll() is not None:
            raise StackError(last_words(output))
        time.sleep(POLL_SECONDS)


def last_words(output: Path) -> str:
    """From its error on, if it said one."""
    text = output.read_text(errors="replace").strip()
    _, found, error = text.rpartition("error: ")
    return error if found else text


def announce(text: str) -> None:
    print(f"likeness: {text}", file=sys.stderr, flush=True)
