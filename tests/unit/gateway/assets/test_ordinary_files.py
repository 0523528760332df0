"""Files that phones, radio stations and editors write are accepted, or refused with a clear text."""

from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from services.gateway.assets.decoding import decoding, fault_in
from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.lossless import write_flac
from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probe import probe
from services.gateway.assets.probing.inspection import readable_by_engines
from tests.hostile.media import pictures, sounds

LIMITS = MediaLimits(20_000_000, 50_000_000, 60.0)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (pictures.mpo(), "image/jpeg"),
        (pictures.mpo(5), "image/jpeg"),
        (pictures.drawn("JPEG", progressive=True), "image/jpeg"),
        (sounds.many_texts(2000) + sounds.mp3(), "audio/mpeg"),
        (sounds.many_texts(2000) + sounds.flac_with(), "audio/flac"),
        (pictures.video_of("png", pictures.drawn("PNG"), 64, 30), "video/quicktime"),
    ],
)
def test_it_is_accepted(tmp_path: Path, data: bytes, media_type: str):
    assert probe(written(tmp_path / "a", data), LIMITS).media_type == media_type


def test_the_first_picture_of_several_counts(tmp_path: Path):
    media = probe(written(tmp_path / "a", pictures.mpo()), LIMITS)
    assert (media.width, media.height) == (320, 240)


def test_sound_that_changes_its_format_is_converted(tmp_path: Path):
    source = written(tmp_path / "a", sounds.changing_aac())
    write_flac(source, tmp_path / "a.flac", LIMITS)
    info = soundfile.info(tmp_path / "a.flac")
    assert (info.samplerate, info.channels) == (44_100, 1)
    assert info.duration == pytest.approx(3.0, abs=0.3)


def test_a_converted_recording_is_as_long_as_it_may_be(tmp_path: Path):
    source = written(tmp_path / "a", sounds.encoded("adts", "aac", 3.0))
    with pytest.raises(AssetRefused) as refused:
        write_flac(source, tmp_path / "a.flac", MediaLimits(20_000_000, 1, 1.5))
    assert refused.value.code == "audio_too_long"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (pictures.unknown_codec(), 415, "unsupported_media_type"),
        (pictures.jpeg_of_size(64_000, 780), 413, "image_too_large"),
        (pictures.jpeg_of_size(40_000, 1000), 413, "image_too_large"),
        (pictures.jpeg_of_size(8000, 200), 413, "image_too_large"),
        (pictures.webp_of_size(16_383, 3000), 413, "image_too_large"),
        (pictures.webp_of_size(7000, 4000), 413, "image_too_large"),
        (pictures.png(16_384, 3000, depth=16, colour=6), 422, "image_corrupt"),
        (pictures.png(17_000, 800), 413, "image_too_large"),
        (sounds.wav_with(rate=400_000), 415, "unsupported_media_type"),
        (sounds.wav_with(channels=9), 415, "unsupported_media_type"),
        (sounds.chained_ogg(20), 413, "audio_too_long"),
    ],
)
def test_it_is_refused(tmp_path: Path, data: bytes, status: int, code: str):
    with pytest.raises(AssetRefused) as refused:
        readable_by_engines(written(tmp_path / "a", data), LIMITS)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert not fault_in(refused.value)


def decode(error: Callable[[], Exception]) -> AssetRefused:
    with pytest.raises(AssetRefused) as refused, decoding("video"):
        raise error()
    return refused.value


@pytest.mark.parametrize("error", [KeyError, AttributeError, ZeroDivisionError, RecursionError])
def test_an_error_that_no_decoder_is_known_to_raise_is_reported(error: type[Exception]):
    refusal = decode(error)
    assert refusal.code == "video_corrupt"
    assert fault_in(refusal).startswith(f"{error.__name__} in decode:")


@pytest.mark.parametrize("error", [OSError, ValueError, EOFError, SyntaxError])
def test_an_error_of_a_decoder_is_not(error: type[Exception]):
    assert fault_in(decode(error)) == ""


def test_a_lack_of_memory_is_no_fault_of_the_file():
    with pytest.raises(MemoryError), decoding("image"):
        raise MemoryError
