"""Checks and writes the file that a command makes, or stdout. It is checked before the work begins."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from services.cli.errors import CliError, UsageError

STDOUT = Path("-")


def name_of(destination: Path) -> str:
    """Returns the destination as messages call it."""
    return "the standard output" if destination == STDOUT else str(destination)


def check_destination(destination: Path) -> None:
    """Creates the parent folders. Raises UsageError if no file can be written there, or if stdout is a
    terminal."""
    if destination == STDOUT:
        return check_stdout()
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        if destination.exists() and not destination.is_file():
            raise UsageError(
                f"{destination} is there already, but is not a file. Choose another place with --out."
            )
        draft = draft_path(destination)
        draft.touch()
        draft.unlink()
    except OSError as exc:
        raise UsageError(
            f"Cannot write {destination}: {exc.strerror}. Choose another place with --out."
        ) from exc


def check_stdout() -> None:
    """Raises UsageError if stdout is a terminal, which cannot show a video or a recording."""
    if sys.stdout.isatty():
        raise UsageError(
            "-o - writes to the standard output, which is a terminal now. "
            "Name a file with --out, or pass the output on with | or >."
        )


@contextmanager
def draft_for(destination: Path) -> Generator[BinaryIO]:
    """Yields a temporary file that replaces the destination if the block succeeds, and is removed if not.

    For stdout, yields stdout itself.
    """
    if destination == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = draft_path(destination)
    with path.open("wb") as draft:
        try:
            yield draft
            draft.flush()
            path.replace(destination)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def write_file(path: Path, content: bytes) -> None:
    """Writes a file that appears whole or not at all. Raises CliError if it cannot be written."""
    try:
        with draft_for(path) as draft:
            draft.write(content)
    except OSError as exc:
        raise CliError(
            f"Cannot write {path.absolute()}: {exc.strerror}. Free space there or change its rights, or "
            "choose another folder."
        ) from exc


def draft_path(destination: Path) -> Path:
    """Returns a path beside the destination that this process alone uses."""
    return destination.with_name(f".{destination.name}.{os.getpid()}.part")
