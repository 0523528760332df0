"""Bounds the metadata of a FLAC file."""

from services.gateway.assets.headers.reader import Malformed, Reader
from services.gateway.assets.headers.vorbis_comments import check_comments

MAX_BLOCKS = 1024
_COMMENTS, _INVALID = 4, 127
_MARKER_BYTES, _HEAD_BYTES = 4, 4


def check(reader: Reader, offset: int) -> None:
    """Raises `Malformed` for too many blocks or comments, and for a block that is longer than the file."""
    offset += _MARKER_BYTES
    for _ in range(MAX_BLOCKS):
        head = reader.read(offset, _HEAD_BYTES)
        length = int.from_bytes(head[1:])
        offset += _HEAD_BYTES + length
        if offset > reader.size or head[0] & 0x7F == _INVALID:
            raise Malformed("a block is longer than the file")
        if head[0] & 0x7F == _COMMENTS:
            check_comments(reader.read(offset - length, length))
        if head[0] & 0x80:
            return
    raise Malformed("too many blocks")
