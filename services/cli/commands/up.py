"""Defines `likeness up`, which starts the local stack."""

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.options import DataOption, data_folder

if TYPE_CHECKING:
    from services.cli.stack.data_folder import DataFolder
    from services.cli.stack.local_stack import StackOptions


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
    from services.cli.stack.local_stack import StackOptions

    folder = data_folder(data)
    options = StackOptions(port=port, trace_file=trace_file and trace_file.absolute())
    if detach:
        run_detached(folder, options)
    else:
        run_in_foreground(folder, options)


def run_in_foreground(folder: "DataFolder", options: "StackOptions") -> None:
    """Runs a stack until a signal ends it."""
    from services.cli.commands.addresses import print_addresses
    from services.cli.interrupt import Interrupted, run_interruptible
    from services.cli.stack.local_stack import local_stack

    async def serve() -> None:
        async with local_stack(folder, options, report):
            print_addresses(folder)
            report(f"ready in {time.monotonic() - started:.1f} s; Ctrl-C stops it")
            await asyncio.Event().wait()

    started = time.monotonic()
    try:
        run_interruptible(serve())
    except Interrupted:
        report("stopped")


def run_detached(folder: "DataFolder", options: "StackOptions") -> None:
    """Starts a stack that runs on, and returns once it is ready. Raises StackError if it ends instead."""
    from services.cli.commands.addresses import print_addresses
    from services.cli.stack.detached import start_detached

    started = time.monotonic()
    start_detached(folder, up_options(folder, options), print_line)
    print_addresses(folder)
    report(f"ready in {time.monotonic() - started:.1f} s; it runs on, `{folder.command('down')}` stops it")


def up_options(folder: "DataFolder", options: "StackOptions") -> list[str]:
    """Returns the command line options with which another `likeness up` starts the same stack."""
    given = ["--data", str(folder.root)] if folder.named else []
    given += ["--port", str(options.port)] if options.port is not None else []
    return given + (["--trace-file", str(options.trace_file)] if options.trace_file is not None else [])


def report(text: str) -> None:
    print_line(f"likeness: {text}")


def print_line(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
