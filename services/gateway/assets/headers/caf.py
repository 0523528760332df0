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
    offset, packets, texts = _HEAD_BYTES, 0, 0
    for _ in range(MAX_CHUNKS):
        if reader.size - offset < _CHUNK.size:
            return
        kind, size = _CHUNK.unpack(reader.read(offset, _CHUNK.size))
        offset += _CHUNK.size
        if kind == _SOUND and size == _TO_THE_END:
            return
        _check_size(kind, size, reader.size - offset)
        if kind == _PACKETS:
            packets += _packets_at(reader, offset)
        elif kind == _TEXTS:
            texts += reader.unpack(_COUNT, offset)[0]
        if packets > min(MAX_PACKETS, reader.size) or texts > MAX_TEXTS:
            raise Malformed("too many packets or texts")
        offset += size
    raise Malformed("too many chunks")


def _check_size(kind: bytes, size: int, rest: int) -> None:
    if size < 0 or (kind != _SOUND and size > rest):
        raise Malformed("a chunk is longer than the file")
    if kind not in (_SOUND, _PACKETS, _TEXTS) and size > MAX_CHUNK_BYTES:
        raise Malformed("a chunk is too large")


def _packets_at(reader: Reader, offset: int) -> int:
    """Returns the number of packets in the table at `offset`. Raises `Malformed` for less than none."""
    (packets,) = reader.unpack(_LONG, offset)
    if packets < 0:
        raise Malformed("less than no packets")
    return packets
