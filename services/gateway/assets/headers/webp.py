"""Reads the size of a WebP picture. Its decoder allocates whole pictures as soon as it is opened."""

from services.gateway.assets.headers.reader import Malformed, Reader

_HEAD_BYTES = 30
_KIND, _EXTENDED, _FRAME = slice(12, 16), slice(24, 30), slice(23, 30)
_LOSSLESS_SIGNATURE_AT, _LOSSLESS_SIGNATURE, _LOSSLESS_BITS = 20, 0x2F, slice(21, 25)
_START_CODE = b"\x9d\x01\x2a"


def is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def size_of(reader: Reader) -> tuple[int, int]:
    """Returns width and height by the first chunk. Raises `Malformed`."""
    head = reader.some(0, _HEAD_BYTES).ljust(_HEAD_BYTES, b"\0")
    match head[_KIND]:
        case b"VP8X":
            extended = head[_EXTENDED]
            return 1 + int.from_bytes(extended[:3], "little"), 1 + int.from_bytes(extended[3:], "little")
        case b"VP8L" if head[_LOSSLESS_SIGNATURE_AT] == _LOSSLESS_SIGNATURE:
            bits = int.from_bytes(head[_LOSSLESS_BITS], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 " if head[_FRAME][:3] == _START_CODE:
            frame = head[_FRAME][3:]
            width, height = (int.from_bytes(frame[at : at + 2], "little") & 0x3FFF for at in (0, 2))
            return width, height
        case _:
            raise Malformed("no WebP picture")
