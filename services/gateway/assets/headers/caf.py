"""Bounds the chunks of a CAF file, in which Apple's recorders write."""

import struct

from services.gateway.assets.headers.reader import Malformed, Reader

MARKER = b"caff"
MAX_CHUNKS = 4096
MAX_CHUNK_BYTES = 1 << 20
"""Size of a chunk that is neither sound nor a table of packets: FFmpeg reads some whole."""
MAX_PACKETS = 4_000_000
"""Number of packets: an hour of 1,000 in a second. FFmpeg makes an entry in memory for each."""
MAX_TEXTS = 4096
"""Number of texts, each of which FFmpeg compares with all before."""
_HEAD_BYTES = 8
_CHUNK, _LONG, _COUNT = struct.Struct(">4sq"), struct.Struct(">q"), struct.Struct(">I")
_SOUND, _PACKETS, _TEXTS = b"data", b"pakt", b"info"
_TO_THE_END = -1


def check(reader: Reader) -> None:
    """Raises `Malformed` for too many chunks, packets or texts, and for a chunk that the file cannot hold."""
    offset = _HEAD_BYTES
    for _ in range(MAX_CHUNKS):
        if reader.size - offset < _CHUNK.size:
            return
        kind, size = _CHUNK.unpack(reader.read(offset, _CHUNK.size))
        offset += _CHUNK.size
        if kind == _SOUND and size == _TO_THE_END:
            return
        _check_chunk(reader, kind, offset, size)
        offset += size
    raise Malformed("too many chunks")


def _check_chunk(reader: Reader, kind: bytes, start: int, size: int) -> None:
    rest = reader.size - start
    if size < 0 or (kind != _SOUND and size > rest):
        raise Malformed("a chunk is longer than the file")
    if kind == _PACKETS:
        if not 0 <= reader.unpack(_LONG, start)[0] <= min(MAX_PACKETS, reader.size):
            raise Malformed("too many packets")
    elif kind == _TEXTS and reader.unpack(_COUNT, start)[0] > MAX_TEXTS:
        raise Malformed("too many texts")
    elif kind != _SOUND and size > MAX_CHUNK_BYTES:
        raise Malformed("a chunk is too large")
