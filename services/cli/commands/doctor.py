"""Defines `likeness doctor`, which checks this machine."""

import dataclasses
import json
from typing import TYPE_CHECKING

import typer

from services.cli.commands.options import DataOption, JsonOption, data_root

if TYPE_CHECKING:
    from services.cli.doctor.check import Finding

STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check that this machine can run Likeness and say how to fix it. Exit status 1 if it cannot."""
    from services.cli.doctor.check import exit_status
    from services.cli.doctor.checks import all_checks

    findings: list[Finding] = []
    for check in all_checks(data_root(data)):
        for finding in check.run():
            findings.append(finding)
            if not as_json:
                show(finding)
    if as_json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    raise typer.Exit(exit_status(findings))


def show(finding: "Finding") -> None:
    from rich.console import Console
    from rich.text import Text

    line = Text.assemble(
        (f"{finding.grade.value:<5}", STYLES[finding.grade.value]), f"{finding.name}: {finding.detail}"
    )
    console = Console(soft_wrap=True)
    console.print(line)
    if finding.fix:
        console.print(Text(f"     → {finding.fix}"))
