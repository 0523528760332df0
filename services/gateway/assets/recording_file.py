"""Opens recordings with FFmpeg."""

from pathlib import Path

import av
from av.container import InputContainer

from services.gateway.assets.headers.containers import checked_container


def open_recording(path: Path) -> InputContainer:
    """Returns the open file. Raises `Malformed` for a structure that no program writes, `FFmpegError`
    for what FFmpeg cannot open."""
    container = checked_container(path)
    return av.open(
        str(path), format=container.format, options=dict(container.options), metadata_errors="replace"
    )
