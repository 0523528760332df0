"""Prints what a video would run, for `likeness render --dry-run`."""

import json
from typing import Any

from services.cli.commands.table import print_table

COLUMNS = ["stage", "engine", "runs", "how much", "seconds"]
UNITS = {"character": "characters", "second_of_speech": "s of speech", "second_of_video": "s of video"}


def print_estimate(estimate: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(estimate))
        return
    print_table(COLUMNS, [row_of(stage) for stage in estimate["stages"]])
    print(f"\n{summary_of(estimate)}")
    for warning in estimate["warnings"]:
        print(f"warning: {warning['message']}")


def row_of(stage: dict[str, Any]) -> list[str]:
    unit = UNITS.get(stage["unit"], stage["unit"])
    return [
        stage["name"],
        f"{stage['service']}/{stage['engine']}",
        "no" if stage["cache"] == "hit" else "yes",
        f"{stage['quantity']:g} {unit}",
        "?" if stage["run_seconds"] is None else f"{stage['run_seconds']:.1f}",
    ]


def summary_of(estimate: dict[str, Any]) -> str:
    """Returns in a sentence what would run, and for how long."""
    count, seconds = estimate["stages_to_run"], estimate["eta_seconds"]
    if not count:
        return "Nothing would run: the whole video is known."
    stages = f"{count} of {len(estimate['stages'])} stages would run"
    if seconds is None:
        return f"{stages}. How long they take is not known yet: an engine has never run here."
    return f"{stages}; the video would be there in {seconds:.1f} s. Nothing was made."
