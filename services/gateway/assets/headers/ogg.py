"""Bounds the pages and streams of an Ogg file."""

from services.gateway.assets.headers.reader import Malformed, Reader
from services.gateway.assets.headers.vorbis_comments import check_comments

MAX_PAGES = 400_000
"""An hour of pages of ten milliseconds."""
MAX_STREAMS = 64
"""Number of streams, those included that follow one after the other."""
MARKER = b"OggS"
_HEAD_BYTES, _FLAGS_AT, _SEGMENTS_AT = 27, 5, 26
_FIRST_OF_STREAM = 0x02
_COMMENTS = (b"\x03vorbis", b"OpusTags")
_VENDOR_BYTES = 60_000
"""Bytes of a page of comments that are read to find their number."""


def check(reader: Reader, offset: int) -> int:
    """Returns the number of streams. Raises `Malformed` for too many of them, or of pages or comments.

    Stops at what is no page: it is damaged, and FFmpeg will say so or go on behind it.
    """
    streams = 0
    for _ in range(MAX_PAGES):
        head = reader.some(offset, _HEAD_BYTES + 255)
        if len(head) < _HEAD_BYTES or head[:4] != MARKER:
            return streams
        streams += bool(head[_FLAGS_AT] & _FIRST_OF_STREAM)
        if streams > MAX_STREAMS:
            raise Malformed("too many streams")
        content = _HEAD_BYTES + head[_SEGMENTS_AT]
        _check_comments(reader, offset + content)
        offset += content + sum(head[_HEAD_BYTES:content])
    raise Malformed("too many pages")


def _check_comments(reader: Reader, offset: int) -> None:
    start = reader.some(offset, 8)
    for marker in _COMMENTS:
        if start.startswith(marker):
            check_comments(reader.some(offset + len(marker), _VENDOR_BYTES))
