"""Bounds the chunks of an AIFF file."""

import struct

from services.gateway.assets.headers.reader import Joined, Malformed, Reader
from services.gateway.assets.headers.riff import MAX_TAG_BYTES

MARKER = b"FORM"
MAX_CHUNKS = 4096
MAX_CHUNK_BYTES = 1 << 20
"""Size of a chunk that is no sound: FFmpeg reads texts whole."""
_HEAD_BYTES = 12
_CHUNK = struct.Struct(">4sI")
_SOUND, _TAG = b"SSND", b"ID3 "


def check(reader: Reader) -> None:
    """Raises `Malformed` for too many chunks, for one that is large and no sound, and for large tags;
    `Joined` for several recordings."""
    offset, tags = _HEAD_BYTES, 0
    for _ in range(MAX_CHUNKS):
        if reader.size - offset < _CHUNK.size:
            return
        kind, size = _CHUNK.unpack(reader.read(offset, _CHUNK.size))
        offset += _CHUNK.size
        if kind == MARKER:
            raise Joined("another recording follows")
        if kind != _SOUND and size > min(MAX_CHUNK_BYTES, reader.size - offset):
            raise Malformed("a chunk is too large")
        tags += size if kind == _TAG else 0
        if tags > MAX_TAG_BYTES:
            raise Malformed("the ID3 tags are too large")
        offset += size + size % 2
    raise Malformed("too many chunks")
