"""Bounds the chunks of a WAV file."""

import struct
from dataclasses import dataclass

from services.gateway.assets.headers.reader import Malformed, Reader

MARKERS = (b"RIFF", b"RF64", b"BW64")
MAX_CHUNKS = 4096
MAX_DEPTH = 12
"""Number of lists in each other."""
MAX_TAG_BYTES = 32 * 1024
"""Size of an ID3 tag in a WAV file. FFmpeg takes time by the square of the number of its frames."""
_HEAD_BYTES = 12
_CHUNK = struct.Struct("<4sI")
_LIST_TYPE_BYTES = 4
_UNKNOWN_SIZE = 0xFFFFFFFF
_SIZE = struct.Struct("<I")
MAX_RECORDINGS = 64
"""Number of recordings in one file."""


@dataclass(frozen=True, slots=True)
class Waves:
    """The recordings in a file, one behind the other where files were joined byte by byte."""

    starts: tuple[int, ...]
    exact: bool
    """Whether there is one, whose sizes are those of the file."""


def check(reader: Reader) -> Waves:
    """Returns where recordings begin. Raises `Malformed` for too many of them, for too many chunks, lists
    included, and for a large tag."""
    starts, left, exact, start = [0], MAX_CHUNKS, True, 0
    while True:
        end = start + _CHUNK.size + reader.unpack(_SIZE, start + 4)[0]
        joined = _begins(reader, end)
        left, sized = _walk(reader, start + _HEAD_BYTES, end if joined else reader.size, left)
        exact = exact and sized and not joined and abs(reader.size - end) <= 1
        if not joined:
            return Waves(tuple(starts), exact)
        start = end
        starts.append(start)
        if len(starts) > MAX_RECORDINGS:
            raise Malformed("too many recordings")


def _begins(reader: Reader, offset: int) -> bool:
    head = reader.some(offset, _HEAD_BYTES)
    return head.startswith(MARKERS) and head[8:] == b"WAVE"


def _walk(reader: Reader, offset: int, end: int, left: int, depth: int = 0) -> tuple[int, bool]:
    """Walks through chunks. Returns how many more the file may have, and whether all of them end in it."""
    if depth > MAX_DEPTH:
        raise Malformed("lists are nested too deep")
    sized = True
    while end - offset >= _CHUNK.size:
        if left == 0:
            raise Malformed("too many chunks")
        left -= 1
        kind, size = _CHUNK.unpack(reader.read(offset, _CHUNK.size))
        content = offset + _CHUNK.size
        if size == _UNKNOWN_SIZE:
            return left, False
        finish = min(content + size, end)
        sized = sized and finish == content + size and (kind != b"data" or size > 0)
        if kind in (b"id3 ", b"ID3 ") and size > MAX_TAG_BYTES:
            raise Malformed("the ID3 tag is too large")
        if kind == b"LIST":
            left, _ = _walk(reader, content + _LIST_TYPE_BYTES, finish, left, depth + 1)
        offset = finish + size % 2
    return left, sized
