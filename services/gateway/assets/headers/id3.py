"""Measures ID3v2 tags, which are skipped: FFmpeg takes time by the square of the number of their frames."""

from services.gateway.assets.headers.reader import Malformed, Reader

HEAD_BYTES = 10
FOOTER_FLAG = 0x10
MAX_TAGS = 16


def end_of_tags(reader: Reader, offset: int = 0) -> int:
    """Returns where the tags end that begin at `offset`; `offset` itself if there are none.

    Raises `Malformed` for a tag that is longer than the file, and for more than a few tags.
    """
    for _ in range(MAX_TAGS):
        head = reader.some(offset, HEAD_BYTES)
        if not _is_tag(head):
            return offset
        offset += _length(head)
        if offset > reader.size:
            raise Malformed("the ID3 tag is longer than the file")
    raise Malformed("too many ID3 tags")


def _is_tag(head: bytes) -> bool:
    return len(head) == HEAD_BYTES and head[:3] == b"ID3" and 0xFF not in head[3:5] and max(head[6:]) < 0x80


def _length(head: bytes) -> int:
    """Returns the length of a tag by its head: four times seven bits, without head and footer."""
    content = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return content + HEAD_BYTES * (2 if head[5] & FOOTER_FLAG else 1)
