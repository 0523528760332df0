"""Structures that no program writes are found before a decoder reads them; ordinary ones pass."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.headers.containers import Container, checked_container
from services.gateway.assets.headers.reader import Joined, Malformed
from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probe import probe
from tests.hostile.media import boxes, pictures, sounds

TAG = sounds.many_texts(10)
MP3_TAG_BYTES = 45
"""Length of the tag that FFmpeg writes itself."""


def aiff(kind: bytes, size: int) -> bytes:
    return b"FORM\0\0\0\0AIFF" + struct.pack(">4sI", kind, size)


def caf(kind: bytes, size: int, content: bytes) -> bytes:
    return b"caff\0\1\0\0" + struct.pack(">4sq", kind, size) + content


def nested_lists(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = sounds.wav_chunk(b"LIST", b"adtl" + content)
    return content


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


READ_BY_FFMPEG_ALONE = {"a box of 16 EiB"}
"""Claims that FFmpeg itself refuses at once."""


@pytest.mark.parametrize("name", sorted(boxes.CLAIMS.keys() - READ_BY_FFMPEG_ALONE))
def test_boxes_that_claim_too_much(tmp_path: Path, name: str):
    with pytest.raises(Malformed):
        checked_container(written(tmp_path / "a", boxes.CLAIMS[name]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: sounds.flac_with((4, sounds.vorbis_comments(60_000))),
        lambda: TAG + sounds.flac_with((4, sounds.vorbis_comments(60_000))),
        lambda: sounds.flac_with(*[(1, b"")] * 2000),
        lambda: sounds.flac_with((6, b"picture"))[:60],
        lambda: sounds.many_infos(),
        lambda: sounds.wav_with(sounds.wav_chunk(b"id3 ", sounds.many_texts(3000))),
        lambda: sounds.wav_with(*[sounds.wav_chunk(b"junk", b"")] * 5000),
        lambda: sounds.wav_with(nested_lists(2000)),
        lambda: sounds.many_ogg_streams(65),
        lambda: sounds.ogg_page(1, b"OpusTags" + sounds.vorbis_comments(60_000)[:8] + b"\0\0\1\0"),
        lambda: sounds.id3_tag([]) * 17 + sounds.mp3(),
        lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + sounds.mp3(),
        lambda: b"".join([sounds.wav_with(seconds=0)] * 66),
        lambda: aiff(b"NAME", 1 << 30),
        lambda: aiff(b"ID3 ", 33 << 10) + bytes(33 << 10),
        lambda: aiff(b"ID3 ", 20 << 10) + bytes(20 << 10) + struct.pack(">4sI20480x", b"ID3 ", 20 << 10),
        lambda: aiff(b"ANNO", 0) + b"ANNO\0\0\0\0" * 5000,
        lambda: caf(b"pakt", 24, struct.pack(">q", 1 << 40) + bytes(16)),
        lambda: caf(b"pakt", 24, struct.pack(">q", -1) + bytes(16)),
        lambda: caf(b"info", 4, struct.pack(">I", 1 << 30)),
        lambda: caf(b"info", 4, struct.pack(">I", 4000)) + struct.pack(">4sqI", b"info", 4, 4000),
        lambda: caf(b"pakt", 24, struct.pack(">q16x", 60)) + struct.pack(">4sqq16x", b"pakt", 24, 60),
        lambda: caf(b"kuki", 1 << 40, b""),
        lambda: caf(b"kuki", -2, b""),
        lambda: caf(b"free", 0, b"") + struct.pack(">4sq", b"free", 0) * 5000,
        lambda: b"\x1a\x45\xdf\xa3\x80" + b"\xec\x80" * 100_001,
        lambda: b"\x1a\x45\xdf\xa3\x80" + b"\x67\xc8\xff" * 20,
        lambda: b"\x1a\x45\xdf\xa3\x80\x16\x54\xae\x6b\xff" + b"\xae\x80" * 33,
    ],
)
def test_structures_that_no_program_writes(tmp_path: Path, make: Callable[[], bytes]):
    with pytest.raises(Malformed):
        checked_container(written(tmp_path / "a", make()))


@pytest.mark.parametrize(
    ("make", "formats", "skip"),
    [
        (lambda: TAG + sounds.mp3()[MP3_TAG_BYTES:], "mp3", len(TAG)),
        (lambda: TAG + TAG + sounds.encoded("adts", "aac"), "aac", 2 * len(TAG)),
        (lambda: TAG + sounds.flac_with(), "flac", len(TAG)),
        (lambda: sounds.flac_with((4, sounds.vorbis_comments(60))), "flac", 0),
        (lambda: sounds.encoded("adts", "aac"), "mp3,aac", 0),
        (lambda: sounds.encoded("ipod", "aac"), "mov,mp4", 0),
        (lambda: sounds.encoded("mov", "pcm_s16le"), "mov,mp4", 0),
        (lambda: sounds.encoded("ogg", "libopus", rate=48_000), "ogg", 0),
        (lambda: sounds.wav_with(sounds.wav_chunk(b"id3 ", TAG)), "wav", 0),
        (lambda: sounds.wav_with(nested_lists(3)), "wav", 0),
        (lambda: pictures.encoded_video("libvpx", "webm"), "matroska,webm", 0),
        (lambda: sounds.encoded("webm", "libopus", rate=48_000), "matroska,webm", 0),
        (lambda: sounds.encoded("aiff", "pcm_s16be"), "aiff", 0),
        (lambda: aiff(b"ID3 ", len(TAG)) + TAG, "aiff", 0),
        (lambda: sounds.encoded("caf", "alac"), "caf", 0),
        (lambda: b"#!AMR\n" + bytes(100), "amr", 0),
        (lambda: b"any other file", "mp3,aac", 0),
        (lambda: b"", "mp3,aac", 0),
    ],
)
def test_ffmpeg_reads_a_file_as_what_was_checked(
    tmp_path: Path, make: Callable[[], bytes], formats: str, skip: int
):
    assert checked_container(written(tmp_path / "a", make())) == Container(formats, skip)


@pytest.mark.parametrize(
    "data",
    [
        sounds.encoded("ipod", "aac") * 2,
        sounds.encoded("ipod", "aac") + pictures.encoded_video("libx264", "mp4"),
        sounds.encoded("aiff", "pcm_s16be") * 2,
    ],
)
def test_files_of_which_ffmpeg_reads_the_first_alone_are_refused(tmp_path: Path, data: bytes):
    path = written(tmp_path / "a", data)
    with pytest.raises(Joined):
        checked_container(path)
    with pytest.raises(AssetRefused, match="Export it as one"):
        probe(path, MediaLimits(20_000_000, 50_000_000, 60.0))


def test_files_that_were_joined_are_found(tmp_path: Path):
    one = sounds.wav_with()
    joined = checked_container(written(tmp_path / "a", one * 3))
    assert joined == Container("wav", joined=(len(one), 2 * len(one)), exact=False)
    assert [part.skip_bytes for part in joined.parts] == [0, len(one), 2 * len(one)]


@pytest.mark.parametrize(
    "data",
    [
        sounds.wav_with()[:4] + bytes(4) + sounds.wav_with()[8:],
        sounds.wav_with()[:-1000],
        sounds.wav_with() + bytes(1000),
        sounds.chained_ogg(2),
        sounds.id3_tag([sounds.id3_frame(b"PRIV", bytes(100_000))]) + sounds.flac_with(),
        TAG + sounds.encoded("ogg", "libopus", rate=48_000) + sounds.mp3(),
        TAG + sounds.wav_with(),
        TAG + b"\xff",
        TAG,
    ],
)
def test_what_is_not_as_it_says_is_no_exact_structure(tmp_path: Path, data: bytes):
    assert not checked_container(written(tmp_path / "a", data)).exact
