"""Bounds what the boxes of an MP4 or MOV file claim by what the file holds.

FFmpeg makes an entry in memory for each sample that a table claims, even where the table gives all of them
one size and so takes no room in the file.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from services.gateway.assets.headers.reader import Joined, Malformed, Reader

TOP_LEVEL = frozenset(
    {b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"sidx", b"moof"}
)
"""Types of boxes with which a file begins."""
MAX_BOXES = 100_000
MAX_DEPTH = 12
MAX_TRACKS = 32
MAX_EDITS = 500
MAX_METADATA = 4096
"""Number of entries of metadata: FFmpeg compares each with all before."""
MAX_SAMPLES = 4_000_000
"""Number of samples of a track that is no uncompressed sound: an hour of 1,000 in a second."""
_CONTAINERS = frozenset(
    {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf", b"udta"}
)
_METADATA = frozenset({b"ilst", b"udta", b"keys"})
_HEAD, _LONG, _TWO, _THREE = (struct.Struct(form) for form in (">I4s", ">Q", ">II", ">III"))
_ENTRY_BYTES = {
    b"stsd": 16,
    b"stts": 8,
    b"ctts": 8,
    b"stss": 4,
    b"stsc": 12,
    b"stco": 4,
    b"co64": 8,
    b"dref": 12,
    b"keys": 8,
}
"""Bytes of an entry of each table whose number of entries follows its version and flags."""


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    start: int
    """Position of its content in the file."""
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(slots=True)
class _Track:
    samples: int = 0
    uncompressed: bool = False
    """Every sample lasts one tick and has the same size."""


def check(reader: Reader) -> None:
    """Raises `Malformed` for a file whose boxes claim more than it holds, `Joined` for several in one."""
    _Checker(reader).run()


class _Checker:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._boxes = 0
        self._tracks: list[_Track] = []
        self._fragments = 0
        self._files = 0

    def run(self) -> None:
        self._walk(0, self._reader.size, depth=0)
        for track in self._tracks:
            if not track.uncompressed and track.samples > MAX_SAMPLES:
                raise Malformed("too many samples")

    def _walk(self, start: int, end: int, depth: int) -> None:
        for box in self._boxes_in(start, end):
            if depth == 0 and box.kind == b"ftyp":
                self._files += 1
                if self._files > 1:
                    raise Joined("another recording follows")
            self._check(box)
            if box.kind == b"trak":
                self._tracks.append(_Track())
                if len(self._tracks) > MAX_TRACKS:
                    raise Malformed("too many tracks")
            if box.kind in _CONTAINERS:
                if depth == MAX_DEPTH:
                    raise Malformed("boxes are nested too deep")
                self._walk(box.start, box.end, depth + 1)
            elif box.kind == b"meta":
                self._walk(self._content_of_meta(box), box.end, depth + 1)

    def _boxes_in(self, start: int, end: int) -> Iterator[Box]:
        while end - start >= _HEAD.size:
            self._boxes += 1
            if self._boxes > MAX_BOXES:
                raise Malformed("too many boxes")
            box = self._box_at(start, end)
            yield box
            start = box.end

    def _box_at(self, start: int, end: int) -> Box:
        """Returns the box at `start`. A size of 0 is the rest; a box that is cut off ends with its parent:
        FFmpeg reads so too."""
        size, kind = _HEAD.unpack(self._reader.read(start, _HEAD.size))
        content = start + _HEAD.size
        if size == 1:
            (size,) = self._reader.unpack(_LONG, content)
            content += _LONG.size
        finish = start + size if size else end
        if finish < content:
            raise Malformed("a box is smaller than its head")
        return Box(kind, content, min(finish, end))

    def _content_of_meta(self, box: Box) -> int:
        """Returns where the boxes in a `meta` box begin: QuickTime's has no version before them."""
        follows = self._reader.some(box.start + 4, 4)
        return box.start if follows == b"hdlr" else box.start + 4

    def _check(self, box: Box) -> None:
        match box.kind:
            case b"cmov":
                raise Malformed("compressed boxes")
            case b"stsz" | b"stz2":
                self._check_sizes(box)
            case b"trun":
                self._check_run(box)
            case b"elst":
                self._check_count(box, self._count_at(box, 4), 12, MAX_EDITS)
            case b"saiz":
                self._check_count(box, self._auxiliary_count(box), 0, MAX_SAMPLES)
            case kind if kind in _ENTRY_BYTES:
                most = MAX_METADATA if kind in _METADATA else self._reader.size
                self._check_count(box, self._count_at(box, 4), _ENTRY_BYTES[kind], most)
                if kind == b"stts":
                    self._note_durations(box)
            case _:
                pass
        if box.kind in (b"ilst", b"udta"):
            self._check_entries(box)

    def _check_count(self, box: Box, count: int, entry_bytes: int, most: int) -> None:
        if count > most or count * entry_bytes > box.size:
            raise Malformed(f"{count} entries do not fit")

    def _count_at(self, box: Box, offset: int) -> int:
        if box.size < offset + 4:
            return 0
        return int.from_bytes(self._reader.read(box.start + offset, 4))

    def _check_sizes(self, box: Box) -> None:
        """Checks a table of sizes. Samples without a size of their own have at least a byte each."""
        if box.size < 12 or not self._tracks:
            return
        _, size, count = self._reader.unpack(_THREE, box.start)
        track = self._tracks[-1]
        track.samples += count
        if box.kind == b"stsz" and size:
            self._check_count(box, count, 0, self._reader.size)
        else:
            bits = 32 if box.kind == b"stsz" else size & 0xFF
            self._check_count(box, count * bits // 8, 1, box.size)

    def _note_durations(self, box: Box) -> None:
        if self._tracks and self._count_at(box, 4) == 1:
            self._tracks[-1].uncompressed = self._count_at(box, 12) == 1

    def _check_run(self, box: Box) -> None:
        """Checks a run of samples of a fragment; how many fields each has stands in the flags."""
        if box.size < _TWO.size:
            return
        flags, count = self._reader.unpack(_TWO, box.start)
        self._check_count(box, count, 4 * (flags >> 8 & 0xF).bit_count(), self._reader.size)
        self._fragments += count
        if self._fragments > min(MAX_SAMPLES, self._reader.size):
            raise Malformed("too many samples in fragments")

    def _auxiliary_count(self, box: Box) -> int:
        flags = self._count_at(box, 0)
        return self._count_at(box, 5 + (8 if flags & 1 else 0))

    def _check_entries(self, box: Box) -> None:
        if sum(1 for _ in self._boxes_in(box.start, box.end)) > MAX_METADATA:
            raise Malformed("too many entries of metadata")
