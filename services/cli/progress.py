"""Shows the progress of a job: as live bars, plain lines, or JSON."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from services.chassis.errors import LikenessError
from services.cli.client import Job, JobEvent
from services.cli.destination import STDOUT, name_of

STATE_STYLES = {
    "completed": "green",
    "failed": "red",
    "cancelled": "red",
    "running": "cyan",
    "retrying": "yellow",
}
EXPLAINED_CODES = ("no_worker", "lost", "retrying", "queued_behind", "same_work_running")
"""Codes of the explanations that say more than the stage's state. Only these are shown."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The file of a finished render."""

    file: Path
    seconds: float
    """Duration of the video."""
    size: str
    """Width and height in pixels, such as `512x600`."""
    wall_seconds: float
    """Time since the command began. It includes the start of the stack if there was one."""


class LiveProgress:
    """Shows a bar for each stage, on stderr; a context manager."""

    def __init__(self, console: Console) -> None:
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TaskProgressColumn(),
            TextColumn("{task.fields[state]}"),
            console=console,
        )

    def __enter__(self) -> "LiveProgress":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def handle_event(self, event: JobEvent) -> None:
        for stage in event.job["stages"]:
            if stage["name"] not in self._tasks:
                label = f"{stage['name']} [dim]{stage['engine']}[/dim]"
                self._tasks[stage["name"]] = self._progress.add_task(label, total=1.0, state="")
            self._progress.update(
                self._tasks[stage["name"]], completed=stage_fraction(stage), state=stage_text(stage)
            )

    def finished(self, video: Job, rendered: Rendered) -> None:
        for warning in warnings_in(video):
            self.note(warning)
        show_file(rendered)

    def ended(self, _reason: Exception) -> None:
        """Shows nothing: the message is printed where the error is caught."""

    def note(self, text: str) -> None:
        self._progress.console.print(text, style="dim", highlight=False, markup=False)


class PlainProgress:
    """Prints a line on stderr whenever a stage's state changes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._states: dict[str, str] = {}

    def __enter__(self) -> "PlainProgress":
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def handle_event(self, event: JobEvent) -> None:
        for stage in event.job["stages"]:
            if self._states.get(stage["name"], "waiting") != stage["state"]:
                self._states[stage["name"]] = stage["state"]
                known = ", known already" if stage["cache"] == "hit" else ""
                why = f". {text}" if (text := reason_to_wait(stage)) else ""
                self.note(f"{stage['name']} ({stage['engine']}): {stage['state']}{known}{why}")

    def finished(self, video: Job, rendered: Rendered) -> None:
        for warning in warnings_in(video):
            self.note(warning)
        show_file(rendered)

    def ended(self, _reason: Exception) -> None:
        """Shows nothing: the message is printed where the error is caught."""

    def note(self, text: str) -> None:
        print(text, file=self._out, flush=True)


class JsonProgress:
    """Prints one JSON object a line on stdout; notes go to stderr."""

    def __init__(self, out: TextIO, errors: TextIO) -> None:
        self._out = out
        self._errors = errors

    def __enter__(self) -> "JsonProgress":
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def handle_event(self, event: JobEvent) -> None:
        self._line(event=event.type, id=event.id, **{event.job["object"]: event.job})

    def finished(self, video: Job, rendered: Rendered) -> None:
        self._line(event="finished", file=str(rendered.file), wall_seconds=rendered.wall_seconds, video=video)

    def ended(self, reason: Exception) -> None:
        event = "failed" if isinstance(reason, LikenessError) else "interrupted"
        self._line(event=event, error=str(reason))

    def note(self, text: str) -> None:
        print(text, file=self._errors, flush=True)

    def _line(self, **fields: Any) -> None:
        print(json.dumps(fields, separators=(",", ":")), file=self._out, flush=True)


def human_progress() -> LiveProgress | PlainProgress:
    """Returns live bars if stderr is a terminal, else plain lines."""
    console = Console(stderr=True)
    return LiveProgress(console) if console.is_terminal else PlainProgress(sys.stderr)


def stage_fraction(stage: dict[str, Any]) -> float:
    """Returns how much of the stage is done, from 0 to 1."""
    return 1.0 if stage["state"] == "completed" else stage["progress"]


def stage_text(stage: dict[str, Any]) -> str:
    """Returns the stage's state as Rich markup, with why it was fast or has to wait."""
    style = STATE_STYLES.get(stage["state"], "dim")
    text = f"[{style}]{stage['state']}[/{style}]"
    if stage["cache"] == "hit":
        text += " [dim]known already[/dim]"
    if why := reason_to_wait(stage):
        text += f" [dim]{escape(why)}[/dim]"
    return text


def reason_to_wait(stage: dict[str, Any]) -> str:
    """Returns why the stage waits; an empty text if its state says enough or the gateway does not explain."""
    explanation = stage.get("explanation")
    return explanation["message"] if explanation and explanation["code"] in EXPLAINED_CODES else ""


def warnings_in(video: Job) -> list[str]:
    """Returns a line for each warning; an empty list if the gateway sends none."""
    return [
        f"warning: {each['stage']}: {each['message']}" if each["stage"] else f"warning: {each['message']}"
        for each in video.get("warnings", ())
    ]


def show_file(rendered: Rendered) -> None:
    """Prints the finished file on stdout; on stderr if stdout is the file."""
    print(
        f"{name_of(rendered.file)}: {rendered.seconds:g} s of video, {rendered.size}, "
        f"made in {rendered.wall_seconds:.1f} s",
        file=sys.stderr if rendered.file == STDOUT else sys.stdout,
    )
