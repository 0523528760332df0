"""Where a video's file goes, and that it can go there before the video is made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from services.cli.errors import UsageError


def check_destination(destination: Path) -> None:
    """Makes the folders above it. Raises UsageError if no file can be put there."""
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


@contextmanager
def draft_for(destination: Path) -> Iterator[BinaryIO]:
    """What is written becomes the file if the block ends well, and is gone if it does not."""
    path = draft_path(destination)
    with path.open("wb") as draft:
        try:
            yield draft
            draft.flush()
            path.replace(destination)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def draft_path(destination: Path) -> Path:
    """Beside it, and of this process alone."""
    return destination.with_name(f".{destination.name}.{os.getpid()}.part")
