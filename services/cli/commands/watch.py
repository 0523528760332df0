"""Defines `likeness watch`, which follows a job or a batch until it has ended."""

import json
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.cli.commands.options import ApiKeyOption, DataOption, JsonOption, UrlOption, data_folder

if TYPE_CHECKING:
    from services.cli.batches.calls import Batch
    from services.cli.client import GatewayClient, Job
    from services.cli.connection import Target
    from services.cli.following import JobObserver

Watched = TypeVar("Watched")


def watch(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Of a video, an audio job or a batch.")],
    json_lines: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Follow a job or a batch until it has ended. Ctrl-C ends the watching only: the work goes on.

    Exit status 0 if it is completed, 1 if it, or a part of the batch, has failed or was cancelled. --json
    prints one event a line.
    """
    from services.cli.batches.calls import is_batch
    from services.cli.connection import Target

    target = Target(url, api_key, data_folder(data))
    follow = watch_batch if is_batch(identifier) else watch_job
    follow(identifier, target, json_lines)


def run_watching(identifier: str, following: Coroutine[Any, Any, Watched]) -> Watched:
    """Runs until the end of what is followed. After a signal, says that it goes on and how to cancel it."""
    from services.cli.interrupt import Interrupted, run_interruptible
    from services.cli.job_text import goes_on_text

    try:
        return run_interruptible(following)
    except Interrupted:
        print(goes_on_text(identifier), file=sys.stderr)
        raise


def watch_job(job_id: str, target: "Target", json_lines: bool) -> None:
    """Shows the job's progress. Raises JobFailed if it does not complete."""
    from services.cli.errors import JobFailed
    from services.cli.job_text import failure_text
    from services.cli.progress import JsonProgress, human_progress

    progress = JsonProgress(sys.stdout, sys.stderr) if json_lines else human_progress()
    with progress:
        job = run_watching(job_id, follow_job(job_id, target, progress))
    if job["status"] != "completed":
        raise JobFailed(failure_text(job))
    if not json_lines:
        print(f"{job_id} is completed; `likeness download {job_id}` fetches its file")


async def follow_job(job_id: str, target: "Target", observer: "JobObserver") -> "Job":
    from services.cli.connection import reach
    from services.cli.following import follow_to_end
    from services.cli.job_text import state_text

    async with reach(target) as client:
        job = await client.job(job_id)
        observer.note(f"{job_id}: {state_text(job)}")
        return await follow_to_end(client, job, observer)


def watch_batch(batch_id: str, target: "Target", json_lines: bool) -> None:
    """Shows the batch's progress. Raises JobFailed if a part of it does not complete."""
    from services.cli.batches.waiting import raise_unless_completed

    batch = run_watching(batch_id, follow_batch(batch_id, target, json_lines))
    raise_unless_completed(batch)
    if not json_lines:
        print(f"{batch_id} is completed; `likeness batches results {batch_id}` shows its results")


async def follow_batch(batch_id: str, target: "Target", json_lines: bool) -> "Batch":
    from services.cli.batches.calls import get_batch
    from services.cli.connection import reach

    async with reach(target) as client:
        return await follow_known_batch(client, await get_batch(client, batch_id), json_lines)


async def follow_known_batch(client: "GatewayClient", batch: "Batch", json_lines: bool) -> "Batch":
    """Returns the ended batch. Prints each change: as a line on stderr, or as JSON on stdout."""
    from services.cli.batches.waiting import counts_text, wait_for_batch

    def show(latest: "Batch") -> None:
        if json_lines:
            print(json.dumps({"event": "batch.changed", "batch": latest}), flush=True)
        else:
            print(f"{latest['id']}: {counts_text(latest)}", file=sys.stderr, flush=True)

    return await wait_for_batch(client, batch, show)
