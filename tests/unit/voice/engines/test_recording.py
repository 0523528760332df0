from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.chassis.errors import InvalidArgument, LikenessError, MediaUnreadable
from services.chassis.sound.mix import weights_of
from services.voice.engines.recording import read_recording
from tests.hostile.media.sounds import chained_ogg, wav_with


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_blocks_make_the_whole_recording(tmp_path: Path, channels: int) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (200_001, channels)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    weights = weights_of(("NONE",) * channels)
    read = read_recording(tmp_path / "a.wav", what="speech")
    assert np.allclose(read.samples, samples @ weights, atol=1e-6)
    first = read_recording(tmp_path / "a.wav", what="speech", seconds=5, max_samples=100_000)
    assert np.allclose(first.samples, samples[:80_000] @ weights, atol=1e-6)


def test_reading_ends_at_the_bound_whatever_the_header_says(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.flac", np.zeros(200_000, np.int16), 8000)
    with pytest.raises(InvalidArgument, match="more than 100,000 samples"):
        read_recording(tmp_path / "silence.flac", what="speech", max_samples=100_000)


@pytest.mark.parametrize(
    "content",
    [chained_ogg(2), wav_with(rate=655_350), wav_with(channels=255), wav_with(channels=9), b"OggS", b""],
)
def test_what_is_unlike_any_recording_is_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(MediaUnreadable):
        read_recording(tmp_path / "odd", what="speech")


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(LikenessError):
        read_recording(tmp_path / "missing.wav", what="speech")
