"""Defines `likeness batch`, which asks for many jobs at once."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.options import ApiKeyOption, DataOption, JsonOption, UrlOption, data_folder
from services.cli.commands.table import print_table

if TYPE_CHECKING:
    from services.cli.batches.calls import Batch
    from services.cli.batches.sending import BatchRefused
    from services.cli.connection import Target


def batch(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Its lines, one JSON object each; - is stdin.")
    ],
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it has ended.")] = False,
    results: Annotated[
        Path | None,
        typer.Option(
            "--results", metavar="FILE", help="Wait, and write a line for each job here; - is stdout."
        ),
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Ask for up to 1,000 jobs at once: all of the lines, or none.

    A line is {"custom_id": …, "url": "/v1/videos" or "/v1/audio/jobs", "body": …}. Its body is that of the
    API, but image, audio, reference and background may name files, relative to FILE. Each is uploaded once.
    With --wait the exit status is 1 if a job fails. Ctrl-C ends the waiting only.
    """
    from services.cli.batches.sending import BatchRefused
    from services.cli.connection import Target
    from services.cli.destination import STDOUT, check_destination
    from services.cli.errors import UsageError

    if results == STDOUT and as_json:
        raise UsageError("--json and --results - both write to the standard output. Name a file.")
    if results is not None and results != STDOUT:
        check_destination(results)
    lines = read_batch(file)
    folder = Path() if file == STDOUT else file.parent
    target = Target(url, api_key, data_folder(data))
    try:
        created = create(lines, folder, target)
    except BatchRefused as exc:
        show_problems(exc, as_json)
        raise
    if wait or results is not None:
        finish(created, target, results, as_json)
    elif as_json:
        print(json.dumps(created, indent=2))
    else:
        print(f"{created['id']}: {created['request_counts']['total']} jobs")
        print(f"`likeness watch {created['id']}` follows it", file=sys.stderr)


def read_batch(file: Path) -> bytes:
    """Returns the content of the file, or of stdin for `-`. Raises UsageError if it cannot be read."""
    from services.cli.commands.render import bytes_in
    from services.cli.errors import UsageError

    try:
        return bytes_in(file)
    except OSError as exc:
        raise UsageError(f"Cannot read {file}: {exc.strerror}.") from exc


def create(lines: bytes, folder: Path, target: "Target") -> "Batch":
    from services.cli.batches.sending import send_batch
    from services.cli.connection import reach
    from services.cli.interrupt import run_interruptible

    async def reach_and_send() -> "Batch":
        async with reach(target) as client:
            return await send_batch(client, lines, folder, lambda text: print(text, file=sys.stderr))

    return run_interruptible(reach_and_send())


def show_problems(refused: "BatchRefused", as_json: bool) -> None:
    """Prints everything that is wrong: as a table on stderr, or as JSON on stdout."""
    if as_json:
        print(json.dumps({"errors": refused.as_json()}, indent=2))
        return
    rows = [
        [str(each.line), each.custom_id or "", each.field or "", each.message] for each in refused.problems
    ]
    print_table(["line", "custom_id", "field", "message"], rows, stderr=True)


def finish(created: "Batch", target: "Target", results: Path | None, as_json: bool) -> None:
    """Waits for the batch, and writes its results if they are wanted. Raises JobFailed if a job fails."""
    from services.cli.batches.calls import save_results
    from services.cli.batches.waiting import raise_unless_completed
    from services.cli.commands.watch import follow_known_batch, run_watching
    from services.cli.connection import reach

    async def reach_and_wait() -> "Batch":
        async with reach(target) as client:
            ended = await follow_known_batch(client, created, as_json)
            if results is not None:
                await save_results(client, ended["id"], results)
            return ended

    raise_unless_completed(run_watching(created["id"], reach_and_wait()))
    if not as_json:
        print(f"{created['id']} is completed", file=sys.stderr)
