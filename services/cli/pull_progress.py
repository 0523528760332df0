"""Shows the progress of a pull: as live bars or plain lines, on stderr."""

import sys
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from services.chassis.models.catalogue import Archive

MEGABYTE = 1_000_000


class LivePull:
    """Shows a bar for each archive; a context manager."""

    def __init__(self, console: Console) -> None:
        self._tasks: dict[Archive, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
        )

    def __enter__(self) -> "LivePull":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def report(self, archive: Archive, done: int) -> None:
        if archive not in self._tasks:
            self._tasks[archive] = self._progress.add_task(archive.package, total=archive.bytes)
        self._progress.update(self._tasks[archive], completed=done)


class PlainPull:
    """Prints a line when an archive is here; a context manager."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._here: set[Archive] = set()

    def __enter__(self) -> "PlainPull":
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def report(self, archive: Archive, done: int) -> None:
        if done == archive.bytes and archive not in self._here:
            self._here.add(archive)
            print(f"{archive.package} {archive.version}: {megabytes(done)}", file=self._out, flush=True)


def pull_progress() -> LivePull | PlainPull:
    """Returns live bars if stderr is a terminal, else plain lines."""
    console = Console(stderr=True)
    return LivePull(console) if console.is_terminal else PlainPull(sys.stderr)


def megabytes(count: int) -> str:
    """Returns a number of bytes as text, such as `92.4 MB`."""
    return f"{count / MEGABYTE:.1f} MB"
