"""Random access to a file, for checks of its structure."""

import os
import struct
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class Malformed(Exception):
    """Raised for a structure that no program writes: it claims what the file cannot hold, or has too many
    parts."""


class Joined(Malformed):
    """Raised for recordings one after the other, of which FFmpeg would read the first alone."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A file of which any part can be read."""

    descriptor: int
    size: int

    def read(self, offset: int, size: int) -> bytes:
        """Returns `size` bytes. Raises `Malformed` if the file ends before."""
        data = os.pread(self.descriptor, size, offset)
        if len(data) < size:
            raise Malformed(f"{size} bytes at {offset} are cut off")
        return data

    def some(self, offset: int, size: int) -> bytes:
        """Returns up to `size` bytes."""
        return os.pread(self.descriptor, size, offset)

    def unpack(self, form: struct.Struct, offset: int) -> tuple[int, ...]:
        return form.unpack(self.read(offset, form.size))


@contextmanager
def opened(path: Path) -> Generator[Reader]:
    with path.open("rb") as file:
        yield Reader(file.fileno(), os.fstat(file.fileno()).st_size)
