"""Describes a file to the process that reads it."""

import json
from dataclasses import asdict, dataclass

MAX_TASK_BYTES = 8192
CONVERTED_SUFFIX = ".flac"
"""Suffix of the converted file, which the process writes beside the one it reads."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file to read, and the limits of the process that reads it."""

    folder: str
    """The only folder that the process reads and writes."""
    name: str
    max_bytes: int
    max_pixels: int
    max_seconds: float
    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    """Size of the largest file that the process may write."""
    niceness: int
    sound_only: bool = False
    """Of a video, its sound is wanted."""

    def encoded(self) -> bytes:
        return json.dumps(asdict(self)).encode()
