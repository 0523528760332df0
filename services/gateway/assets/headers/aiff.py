"""Bounds the chunks of an AIFF file."""

import struct

from services.gateway.assets.headers.reader import Malformed, Reader

MARKER = b"FORM"
MAX_CHUNKS = 4096
MAX_CHUNK_BYTES = 1 << 20
"""Size of a chunk that is no sound: FFmpeg reads texts and tags whole."""
_HEAD_BYTES = 12
_CHUNK = struct.Struct(">4sI")
_SOUND = b"SSND"


def check(reader: Reader) -> None:
    """Raises `Malformed` for too many chunks, and for one that is large and no sound."""
    offset = _HEAD_BYTES
    for _ in range(MAX_CHUNKS):
        if reader.size - offset < _CHUNK.size:
            return
        kind, size = _CHUNK.unpack(reader.read(offset, _CHUNK.size))
        offset += _CHUNK.size
        if kind != _SOUND and size > min(MAX_CHUNK_BYTES, reader.size - offset):
            raise Malformed("a chunk is too large")
        offset += size + size % 2
    raise Malformed("too many chunks")
