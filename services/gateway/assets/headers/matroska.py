"""Bounds the elements of a WebM file."""

from dataclasses import dataclass

from services.gateway.assets.headers.reader import Malformed, Reader

MARKER = b"\x1a\x45\xdf\xa3"
MAX_ELEMENTS = 100_000
MAX_TRACKS = 32
MAX_TAGS = 4096
MAX_DEPTH = 10
_SEGMENT, _TRACKS, _TRACK, _TAGS, _TAG, _SIMPLE_TAG = (
    0x18538067,
    0x1654AE6B,
    0xAE,
    0x1254C367,
    0x7373,
    0x67C8,
)
_ENTERED = frozenset({_SEGMENT, _TRACKS, _TAGS, _TAG, _SIMPLE_TAG})


@dataclass(frozen=True, slots=True)
class _Element:
    kind: int
    start: int
    size: int | None
    """Size of its content; `None` if it goes on to the end of its parent."""


def check(reader: Reader) -> None:
    """Raises `Malformed` for too many elements, tracks or tags."""
    _Checker(reader).walk(0, reader.size, 0)


class _Checker:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._elements = 0
        self._tracks = 0
        self._tags = 0

    def walk(self, start: int, end: int, depth: int) -> None:
        """Walks through elements. Stops at what is none, or has no known size and is not entered: FFmpeg
        goes on from there by the clusters alone."""
        if depth == MAX_DEPTH:
            raise Malformed("elements are nested too deep")
        while start < end:
            element = self._element_at(start)
            if element is None:
                return
            self._count(element)
            finish = end if element.size is None else min(end, element.start + element.size)
            if element.kind in _ENTERED:
                self.walk(element.start, finish, depth + 1)
            elif element.size is None:
                return
            start = finish

    def _element_at(self, offset: int) -> _Element | None:
        head = self._reader.some(offset, 12)
        kind_bytes = _length_of(head[:1], 4)
        size_bytes = _length_of(head[kind_bytes : kind_bytes + 1], 8) if kind_bytes else 0
        start = kind_bytes + size_bytes
        if not size_bytes or start > len(head):
            return None
        bits = (1 << 7 * size_bytes) - 1
        size = int.from_bytes(head[kind_bytes:start]) & bits
        return _Element(int.from_bytes(head[:kind_bytes]), offset + start, None if size == bits else size)

    def _count(self, element: _Element) -> None:
        self._elements += 1
        self._tracks += element.kind == _TRACK
        self._tags += element.kind == _SIMPLE_TAG
        if self._elements > MAX_ELEMENTS or self._tracks > MAX_TRACKS or self._tags > MAX_TAGS:
            raise Malformed("too many elements")


def _length_of(first: bytes, most: int) -> int:
    """Returns the length of a number by its first byte, 0 if there is none or it is too long."""
    length = 9 - first[0].bit_length() if first else 0
    return length if length <= most else 0
