"""Defines `likeness list`, which lists jobs."""

import time
from typing import Annotated, Literal

import typer

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import (
    ApiKeyOption,
    DataOption,
    JsonOption,
    LimitOption,
    MetadataOption,
    UrlOption,
    pairs_of,
)
from services.cli.commands.table import show
from services.cli.job_text import age, eta, title_of

PATHS = {"video": "/v1/videos", "audio": "/v1/audio/jobs", "voice": "/v1/audio/voices", None: "/v1/jobs"}
COLUMNS = ["id", "kind", "status", "progress", "eta", "age", "title"]


def list_jobs(
    status: Annotated[
        Literal["queued", "in_progress", "completed", "failed", "cancelled"] | None,
        typer.Option(
            metavar="STATUS", help="Only these: queued, in_progress, completed, failed or cancelled."
        ),
    ] = None,
    kind: Annotated[
        Literal["video", "audio", "voice"] | None,
        typer.Option(metavar="KIND", help="Only these: video, audio or voice."),
    ] = None,
    metadata: MetadataOption = None,
    batch: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this batch.")] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List jobs, the newest first."""
    filters = {f"metadata[{key}]": value for key, value in pairs_of(metadata, "--metadata").items()}
    filters |= {"status": status} if status else {}
    filters |= {"batch_id": batch} if batch else {}
    found = call_gateway(url, api_key, data, lambda client: client.page_through(PATHS[kind], filters, limit))
    now = time.time()
    rows = [
        [
            job["id"],
            job["object"],
            job["status"],
            f"{job['progress']}%",
            eta(job),
            age(job, now),
            title_of(job),
        ]
        for job in found
    ]
    show(found, COLUMNS, rows, as_json)
