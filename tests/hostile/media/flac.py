"""FLAC files of silence, frame by frame: hours of sound in a few kilobytes."""

import struct
from collections.abc import Iterator

LARGEST_BLOCK = 65_535
BITS = 16
UNKNOWN = 0
"""Number of samples in the head of a file whose length is not known."""


def silent_flac(samples: int, *, rate: int, channels: int = 1, claimed: int | None = None) -> bytes:
    """Returns so many samples of silence; the head claims that many, or `claimed`."""
    counts = list(_blocks(samples))
    frames = b"".join(_frame(number, count, channels) for number, count in enumerate(counts))
    return b"fLaC" + _head(samples if claimed is None else claimed, rate, channels) + frames


def _blocks(samples: int) -> Iterator[int]:
    while samples:
        yield min(samples, LARGEST_BLOCK)
        samples -= min(samples, LARGEST_BLOCK)


def _head(claimed: int, rate: int, channels: int) -> bytes:
    packed = rate << 44 | (channels - 1) << 41 | (BITS - 1) << 36 | claimed
    sizes = struct.pack(">HH", LARGEST_BLOCK, LARGEST_BLOCK) + bytes(6)
    return b"\x80" + (34).to_bytes(3) + sizes + packed.to_bytes(8) + bytes(16)


def _frame(number: int, samples: int, channels: int) -> bytes:
    head = b"\xff\xf8" + bytes([0x70, (channels - 1) << 4]) + _coded(number) + struct.pack(">H", samples - 1)
    head += bytes([_checksum(head, 0x07, 8)])
    whole = head + bytes(1 + BITS // 8) * channels  # of each channel: the kind "constant", and its value
    return whole + _checksum(whole, 0x8005, 16).to_bytes(2)


def _coded(number: int) -> bytes:
    """Returns the number as UTF-8 would write a character."""
    return chr(number).encode("utf-8", "surrogatepass")


def _checksum(data: bytes, polynomial: int, bits: int) -> int:
    value = 0
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> bits - 1 else 0)
            value &= (1 << bits) - 1
    return value
