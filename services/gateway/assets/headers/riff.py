"""Bounds the chunks of a WAV file."""

import struct

from services.gateway.assets.headers.reader import Malformed, Reader

MARKERS = (b"RIFF", b"RF64", b"BW64")
MAX_CHUNKS = 4096
MAX_TAG_BYTES = 32 * 1024
"""Size of an ID3 tag in a WAV file. FFmpeg takes time by the square of the number of its frames."""
_HEAD_BYTES = 12
_CHUNK = struct.Struct("<4sI")
_LIST_TYPE_BYTES = 4
_UNKNOWN_SIZE = 0xFFFFFFFF


def check(reader: Reader) -> None:
    """Raises `Malformed` for too many chunks, lists included, and for a large tag."""
    _walk(reader, _HEAD_BYTES, reader.size, MAX_CHUNKS)


def _walk(reader: Reader, offset: int, end: int, left: int) -> int:
    """Walks through chunks. Returns how many more the file may have."""
    while end - offset >= _CHUNK.size:
        if left == 0:
            raise Malformed("too many chunks")
        left -= 1
        kind, size = _CHUNK.unpack(reader.read(offset, _CHUNK.size))
        content = offset + _CHUNK.size
        if size == _UNKNOWN_SIZE:
            return left
        finish = min(content + size, end)
        if kind in (b"id3 ", b"ID3 ") and size > MAX_TAG_BYTES:
            raise Malformed("the ID3 tag is too large")
        if kind == b"LIST":
            left = _walk(reader, content + _LIST_TYPE_BYTES, finish, left)
        offset = finish + size % 2
    return left
