"""MP4 and MOV files, box by box, which claim what they do not hold."""

import struct


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def words(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def table(kind: bytes, count: int, entry: bytes = b"", entries: int = 1) -> bytes:
    """Returns a table that claims `count` entries and has `entries`."""
    return full_box(kind, words(count), entry * entries)


ENTRY = box(
    b"mp4a", bytes(6), struct.pack(">H", 1), bytes(8), struct.pack(">HHHHI", 2, 16, 0, 0, 44100 << 16)
)
DURATIONS = table(b"stts", 1, words(1, 1024))
CHUNKS = table(b"stsc", 1, words(1, 1, 1))
OFFSETS = table(b"stco", 1, words(600))
SIZES = full_box(b"stsz", words(1, 1))
TYPE = box(b"ftyp", b"isom", bytes(4), b"isommp42")


def track(
    *extra: bytes,
    entry: bytes = ENTRY,
    durations: bytes = DURATIONS,
    chunks: bytes = CHUNKS,
    offsets: bytes = OFFSETS,
    sizes: bytes = SIZES,
    edits: bytes = b"",
    handler: bytes = b"soun",
) -> bytes:
    stbl = box(b"stbl", full_box(b"stsd", words(1), entry), durations, chunks, sizes, offsets, *extra)
    media_head = full_box(b"smhd", bytes(4)) if handler == b"soun" else full_box(b"vmhd", bytes(8), flags=1)
    reference = box(b"dinf", full_box(b"dref", words(1), full_box(b"url ", flags=1)))
    mdia = box(
        b"mdia",
        full_box(b"mdhd", bytes(8), words(44100, 1024), bytes.fromhex("55c40000")),
        full_box(b"hdlr", bytes(4), handler, bytes(13)),
        box(b"minf", media_head, reference, stbl),
    )
    head = full_box(b"tkhd", bytes(8), words(1), bytes(68), flags=3)
    return box(b"trak", head, box(b"edts", edits) if edits else b"", mdia)


def movie(*parts: bytes, head: bytes = TYPE) -> bytes:
    mvhd = full_box(b"mvhd", bytes(8), words(1000, 1000), bytes(80))
    return head + box(b"moov", mvhd, *parts) + box(b"mdat", bytes(100))


def fragment(count: int, flags: int = 0, entries: bytes = b"") -> bytes:
    run = full_box(b"trun", words(count), entries, flags=flags)
    return box(b"moof", full_box(b"mfhd", words(1)), box(b"traf", full_box(b"tfhd", words(1)), run))


def nested(kind: bytes, depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(kind, content)
    return content


EXTENDS = box(b"mvex", full_box(b"trex", words(1, 1, 1024, 1, 0)))
CLAIMS: dict[str, bytes] = {
    "60 million sizes in stsz": movie(track(sizes=full_box(b"stsz", words(1, 60_000_000)))),
    "4 billion sizes in stsz": movie(track(sizes=full_box(b"stsz", words(4, 0xFFFFFFFF)))),
    "stsz without its sizes": movie(track(sizes=full_box(b"stsz", words(0, 50_000_000)))),
    "stz2 of half bytes": movie(track(sizes=full_box(b"stz2", words(4, 50_000_000)))),
    "60 million durations in stts": movie(track(durations=table(b"stts", 60_000_000, words(1, 1)))),
    "60 million shifts in ctts": movie(track(table(b"ctts", 60_000_000, words(1, 1)))),
    "60 million key frames in stss": movie(track(table(b"stss", 60_000_000, words(1)))),
    "60 million chunks in stco": movie(track(offsets=table(b"stco", 60_000_000, words(600)))),
    "60 million chunks in co64": movie(track(offsets=table(b"co64", 60_000_000, words(0, 600)))),
    "60 million groups in stsc": movie(track(chunks=table(b"stsc", 60_000_000, words(1, 1, 1)))),
    "60 million descriptions in stsd": movie(track(full_box(b"stsd", words(60_000_000)))),
    "60 million samples of a fragment": movie(track(), EXTENDS) + fragment(60_000_000),
    "samples of a fragment without fields": movie(track(), EXTENDS) + fragment(60_000_000, flags=0x100),
    "a thousand fragments of a million": movie(track(), EXTENDS) + fragment(1_000_000) * 1000,
    "two thousand tracks": movie(track() * 2000),
    "60 thousand edits": movie(track(edits=table(b"elst", 60_000, words(1, 0, 0x10000), 60_000))),
    "boxes nested 5,000 deep": movie(nested(b"udta", 5000)),
    "300 thousand empty boxes": movie(box(b"free") * 300_000),
    "a box of 16 EiB": TYPE + words(1) + b"moov" + b"\xff" * 8,
    "a box smaller than its head": TYPE + words(4) + b"moov" + bytes(100),
    "compressed boxes": TYPE + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", bytes(50)))),
    "60 thousand tags": movie(box(b"udta", box(b"\xa9nam", b"\0\1\0\0n") * 60_000)),
    "auxiliary sizes of 4 billion": movie(track(full_box(b"saiz", b"\x08", words(0xFFFFFFFF)))),
}
"""Small files of which FFmpeg would take a lot of memory or time, or did in the past."""
