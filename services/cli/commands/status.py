"""Defines `likeness status`, which shows the local stack."""

import asyncio
import dataclasses
import json
import time
from typing import TYPE_CHECKING

import typer

from services.cli.commands.options import DataOption, JsonOption, data_folder
from services.cli.job_text import duration

if TYPE_CHECKING:
    from services.cli.client import Job
    from services.cli.stack.report import Memory, PartReport, StackReport

MIB = 1024 * 1024
MAX_JOBS = 10
"""Maximum number of jobs that are shown, one a line."""


def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show the local stack: processes, health, engines, jobs under way. Exit status 1 if none runs."""
    from services.cli.stack.report import report_on
    from services.cli.stack.state import running_state

    folder = data_folder(data)
    state = running_state(folder.state)
    if state is None:
        print(json.dumps({"running": False}) if as_json else f"No stack runs on {folder.root}.")
        raise typer.Exit(1)
    report = asyncio.run(report_on(folder, state))
    if as_json:
        print(json.dumps(as_object(report), indent=2))
    else:
        show(report)


def as_object(report: "StackReport") -> dict[str, object]:
    """Returns the report as the JSON object that `--json` prints."""
    state = report.state
    return {
        "running": True,
        "phase": state.phase,
        "one_off": state.one_off,
        "url": state.url,
        "api_key": report.api_key,
        "s3_url": state.s3_url,
        "nats_address": state.nats_address,
        "database_url": state.database_url,
        "data": state.data,
        "trace_file": state.trace_file,
        "started_at": state.started_at,
        "memory": dataclasses.asdict(report.memory),
        "processes": [dataclasses.asdict(part) for part in report.parts],
        "engines": report.engines,
        "jobs": report.jobs,
    }


def show(report: "StackReport") -> None:
    from rich.table import Table

    from services.cli.commands.whole_console import whole_console

    console = whole_console()
    state = report.state
    console.print(f"{state.url}  {state.phase}  data in {state.data}")
    console.print(f"API key {report.api_key}")
    table = Table("process", "pid", "up", "restarts", "RSS MiB", "PSS MiB", "ports", "health", box=None)
    for part in report.parts:
        table.add_row(*part_row(part))
    table.add_row("all", "", "", "", *memory_cells(report.memory), "", "", style="bold")
    console.print(table)
    for engine in report.engines:
        workers = ", ".join(worker["id"] for worker in engine["workers"])
        console.print(f"{engine['service']}/{engine['name']} {engine['version']}: {workers}")
    for job in report.jobs[:MAX_JOBS]:
        console.print(job_line(job), markup=False)
    if len(report.jobs) > MAX_JOBS:
        console.print(f"and {len(report.jobs) - MAX_JOBS} more jobs")


def job_line(job: "Job") -> str:
    """Returns the job's id, how far it is, and why it is not done."""
    why = job["explanation"]["message"] if job["explanation"] else job["status"]
    return f"{job['id']} {job['progress']}%  {why}"


def part_row(part: "PartReport") -> list[str]:
    return [
        part.name,
        str(part.pid or ""),
        duration(time.time() - part.started_at) if part.started_at else "",
        str(part.restarts),
        *memory_cells(part.memory),
        " ".join(str(port) for port in part.ports.values()),
        part.health,
    ]


def memory_cells(memory: "Memory | None") -> list[str]:
    if memory is None:
        return ["", ""]
    return [
        f"{memory.rss_bytes / MIB:.0f}",
        "" if memory.pss_bytes is None else f"{memory.pss_bytes / MIB:.0f}",
    ]
