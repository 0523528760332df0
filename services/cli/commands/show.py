"""Defines `likeness show`, which shows one job."""

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import ApiKeyOption, DataOption, JsonOption, UrlOption
from services.cli.commands.table import print_table
from services.cli.job_text import age, failure_text, state_text, title_of

if TYPE_CHECKING:
    from services.cli.client import Job

STAGE_COLUMNS = ["stage", "engine", "state", "progress", "seconds", "attempt", "cache", "why"]


def show_job(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="Of a job, such as a video.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Show a job: its stages, why it waits, and what went wrong."""
    job = call_gateway(url, api_key, data, lambda client: client.job(job_id))
    if as_json:
        print(json.dumps(job, indent=2))
        return
    for name, text in fields_of(job, time.time()):
        print(f"{name:<9} {text}")
    print()
    print_table(STAGE_COLUMNS, [stage_row(stage) for stage in job["stages"]])


def fields_of(job: "Job", now: float) -> list[tuple[str, str]]:
    """Returns the fields that say something, with their names."""
    explanation: dict[str, str] = job["explanation"] or {}
    fields: list[tuple[str, str]] = [
        ("id", job["id"]),
        ("status", state_text(job)),
        ("title", title_of(job)),
        ("created", f"{age(job, now)} ago"),
        ("why", explanation.get("message", "")),
        ("error", failure_text(job) if job["status"] == "failed" else ""),
        ("batch", job["batch_id"] or ""),
        ("retry of", job["redriven_from"] or ""),
        ("metadata", " ".join(f"{key}={value}" for key, value in job["metadata"].items())),
        *(("warning", warning["message"]) for warning in job["warnings"]),
    ]
    return [(name, text) for name, text in fields if text]


def stage_row(stage: dict[str, Any]) -> list[str]:
    reason = stage["error"] or stage["explanation"]
    return [
        stage["name"],
        f"{stage['service']}/{stage['engine']}",
        stage["state"],
        f"{stage['progress']:.0%}",
        "" if stage["run_seconds"] is None else f"{stage['run_seconds']:.1f}",
        str(stage["attempt"]),
        stage["cache"] or "",
        reason["message"] if reason else "",
    ]
