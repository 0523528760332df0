from pathlib import Path

import numpy as np
import pytest
import soundfile  # pyright: ignore[reportMissingTypeStubs]

from services.chassis.errors import MediaUnreadable
from services.video.engines.puppet.motion.loudness import (
    audio_seconds,
    loudness_of,
    shaped_by,
    track_from_loudness,
)
from services.video.engines.puppet.mouth.lip_pose import COLUMNS, LipPose
from tests.hostile.media.sounds import chained_ogg

RATE, FPS = 16000, 25.0


@pytest.fixture
def bursts(tmp_path: Path) -> Path:
    """Writes a second each of silence, of a voice-like tone, of silence and of hiss."""
    time = np.arange(RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 150 * time)
    hiss = 0.2 * np.random.default_rng(0).standard_normal(RATE)
    path = tmp_path / "bursts.wav"
    soundfile.write(path, np.concatenate([0 * tone, tone, 0 * tone, hiss]), RATE)
    return path


def test_silence_is_zero_and_speech_is_about_one(bursts: Path) -> None:
    level = loudness_of(bursts, 100, FPS).level
    assert level[5:20].max() == 0 and level[55:70].max() == 0
    assert level[30:45].min() > 0.7


def test_hiss_is_distinguished_from_voice(bursts: Path) -> None:
    hiss = loudness_of(bursts, 100, FPS).hiss
    assert hiss[30:45].max() < 0.2 and hiss[80:95].min() > 0.5


def test_frames_after_the_end_are_silent(bursts: Path) -> None:
    assert loudness_of(bursts, 150, FPS).level[110:].max() == 0


def test_silence_closes_lips_that_the_timeline_opens(bursts: Path) -> None:
    track = np.tile(LipPose(open=0.3, jaw=0.2).as_row(), (100, 1))
    opening = shaped_by(track, loudness_of(bursts, 100, FPS))[:, COLUMNS["open"]]
    assert opening[5:20].max() == 0 and opening[30:45].min() > 0.2


def test_without_phonemes_the_voice_opens_the_mouth(bursts: Path) -> None:
    track = track_from_loudness(loudness_of(bursts, 100, FPS), seed=1)
    opening = track[:, COLUMNS["open"]]
    assert opening[30:45].min() > 0.15
    assert opening[80:95].max() < opening[30:45].min()
    assert opening[5:20].max() == 0


def test_digital_silence_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "nothing.wav"
    soundfile.write(path, np.zeros(RATE), RATE)
    assert loudness_of(path, 25, FPS).level.max() == 0
    assert audio_seconds(path) == 1.0


def test_a_length_that_a_header_claims_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "claims.flac"
    soundfile.write(path, np.zeros(RATE, np.int16), RATE)
    content = bytearray(path.read_bytes())
    assert int.from_bytes(content[21:26]) & (1 << 36) - 1 == RATE  # the number of samples in STREAMINFO
    content[21:26] = (int.from_bytes(content[21:26]) + 3599 * RATE).to_bytes(5)
    path.write_bytes(content)
    assert audio_seconds(path) == 1.0


def test_a_chain_of_recordings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chain.ogg"
    path.write_bytes(chained_ogg(200))
    with pytest.raises(MediaUnreadable, match="several recordings"):
        audio_seconds(path)


def test_a_file_that_is_no_audio_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "junk.wav"
    path.write_bytes(b"this is no audio")
    with pytest.raises(MediaUnreadable):
        audio_seconds(path)
    with pytest.raises(MediaUnreadable):
        loudness_of(path, 25, FPS)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(odd: float, tmp_path: Path) -> None:
    samples = np.full(RATE, 0.1, dtype=np.float32)
    samples[RATE // 2] = odd
    soundfile.write(tmp_path / "odd.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(MediaUnreadable):
        loudness_of(tmp_path / "odd.wav", 25, FPS)
