"""Tells by the first bytes of a recording how FFmpeg is to read it, after its structure has been checked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.gateway.assets.headers import aiff, caf, flac, id3, iso_bmff, matroska, ogg, riff
from services.gateway.assets.headers.reader import Reader, opened

_HEAD_BYTES = 16
_KIND_OF_BOX = slice(4, 8)
_AMR = b"#!AMR"
"""With frames behind it and nothing else."""
_FRAME_SYNCS = tuple(bytes((0xFF, second)) for second in range(0xE0, 0x100))
"""Beginnings of frames of MP3 and AAC. Behind a tag, readers take anything else for what it looks like."""
_MAX_KEPT_TAG_BYTES = 1 << 16
"""Size of tags in front of a recording that services read past: FFmpeg takes time by their frames' square."""


@dataclass(frozen=True, slots=True)
class Container:
    """Tells FFmpeg how to read a file. It would guess otherwise, and so might take it for another than the
    one that was checked."""

    formats: str
    """The formats among which FFmpeg may choose."""
    skip_bytes: int = 0
    """Bytes to skip at the beginning."""
    joined: tuple[int, ...] = ()
    """Where further recordings begin that FFmpeg would not read: files were joined."""
    exact: bool = True
    """Whether it holds one recording, of the size that it says, without a long tag in front, and every
    reader takes it for the same."""

    @property
    def options(self) -> Mapping[str, str]:
        skip = {"skip_initial_bytes": str(self.skip_bytes)} if self.skip_bytes else {}
        # A file's content must not make FFmpeg open other files or addresses, as playlists do.
        return {"protocol_whitelist": "file", "format_whitelist": self.formats, **skip}

    @property
    def format(self) -> str | None:
        """Returns the format, or `None` if FFmpeg is to choose. It cannot choose after a long tag."""
        return self.formats.partition(",")[0] if self.skip_bytes else None

    @property
    def parts(self) -> Iterator["Container"]:
        """Yields how to read each of the recordings that were joined."""
        yield self
        for start in self.joined:
            yield Container(self.formats, start)


def checked_container(path: Path) -> Container:
    """Returns how to read the file. Raises `Malformed` for a structure that no program writes."""
    with opened(path) as reader:
        start = id3.end_of_tags(reader)
        head = reader.some(start, _HEAD_BYTES)
        exact = start <= _MAX_KEPT_TAG_BYTES
        if head.startswith(b"fLaC"):
            flac.check(reader, start)
            return Container("flac", start, exact=exact)
        if start:
            return Container(
                "aac" if is_adts(head) else "mp3", start, exact=exact and head.startswith(_FRAME_SYNCS)
            )
        return _check_untagged(reader, head)


def _check_untagged(reader: Reader, head: bytes) -> Container:
    if head.startswith(riff.MARKERS):
        waves = riff.check(reader)
        return Container("wav", joined=waves.starts[1:], exact=waves.exact)
    if head.startswith(ogg.MARKER):
        return Container("ogg", exact=ogg.check(reader, 0) == 1)
    checks: tuple[tuple[bool, str, Callable[[Reader], None]], ...] = (
        (head[_KIND_OF_BOX] in iso_bmff.TOP_LEVEL, "mov,mp4", iso_bmff.check),
        (head.startswith(matroska.MARKER), "matroska,webm", matroska.check),
        (head.startswith(aiff.MARKER), "aiff", aiff.check),
        (head.startswith(caf.MARKER), "caf", caf.check),
        (head.startswith(_AMR), "amr", lambda _: None),
    )
    for applies, formats, check in checks:
        if applies:
            check(reader)
            return Container(formats)
    return Container("mp3,aac")


def is_adts(head: bytes) -> bool:
    """Returns whether a frame of AAC begins here: its layer is 0, which MP3 does not have."""
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0
