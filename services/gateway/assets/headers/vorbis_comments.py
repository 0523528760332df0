"""Counts Vorbis comments, which FLAC and Ogg files have as metadata."""

from services.gateway.assets.headers.reader import Malformed

MAX_COMMENTS = 4096
"""FFmpeg compares each with all before."""


def check_comments(block: bytes) -> None:
    """Raises `Malformed` for a block that claims too many comments. It may be cut off: the number stands
    before the comments."""
    count_at = 4 + int.from_bytes(block[:4], "little")
    if int.from_bytes(block[count_at : count_at + 4], "little") > MAX_COMMENTS:
        raise Malformed("too many comments")
