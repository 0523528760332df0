"""Opens recordings with FFmpeg."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av
from av.container import InputContainer

from services.gateway.assets.headers.containers import Container, checked_container


def open_recording(path: Path, container: Container) -> InputContainer:
    """Returns the file, open as `container` tells. Raises `FFmpegError` for what FFmpeg cannot open."""
    return av.open(
        str(path), format=container.format, options=dict(container.options), metadata_errors="replace"
    )


def open_parts(path: Path) -> Iterator[InputContainer]:
    """Yields each of the recordings in a file, open until the next.

    Raises `Malformed` for a structure that no program writes, `FFmpegError` for what FFmpeg cannot open.
    """
    for part in checked_container(path).parts:
        with closing(open_recording(path, part)) as recording:
            yield recording
