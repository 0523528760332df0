"""Structures that no program writes are found before a decoder reads them; ordinary ones pass."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.gateway.assets.headers.containers import Container, checked_container
from services.gateway.assets.headers.reader import Malformed
from tests.hostile.media import boxes, pictures, sounds

TAG = sounds.many_texts(10)
MP3_TAG_BYTES = 45
"""Length of the tag that FFmpeg writes itself."""


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
        lambda: sounds.many_ogg_streams(65),
        lambda: sounds.ogg_page(1, b"OpusTags" + sounds.vorbis_comments(60_000)[:8] + b"\0\0\1\0"),
        lambda: sounds.id3_tag([]) * 17 + sounds.mp3(),
        lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + sounds.mp3(),
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
        (lambda: pictures.encoded_video("libvpx", "webm"), "matroska,webm", 0),
        (lambda: b"any other file", "mp3,aac", 0),
        (lambda: b"", "mp3,aac", 0),
    ],
)
def test_ffmpeg_reads_a_file_as_what_was_checked(
    tmp_path: Path, make: Callable[[], bytes], formats: str, skip: int
):
    assert checked_container(written(tmp_path / "a", make())) == Container(formats, skip)
