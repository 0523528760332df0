"""The mix of channels is FFmpeg's, and keeps what would cancel out."""

import subprocess
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.chassis.sound.heard import open_sound
from services.chassis.sound.mix import blocks_of, weights_of

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
RATE = 16_000
SPEECH = np.random.default_rng(0).uniform(-0.5, 0.5, RATE // 2)


def heard(path: Path) -> NDArray[np.float32]:
    return np.concatenate(list(open_sound("recording", path).blocks()))


def written(path: Path, *channels: NDArray[np.float64]) -> Path:
    soundfile.write(path, np.stack(channels, axis=1), RATE)
    return path


@pytest.mark.parametrize(
    ("layout", "channels"),
    [
        ("mono", 1),
        ("stereo", 2),
        ("2.1", 3),
        ("3.0", 3),
        ("4.0", 4),
        ("quad", 4),
        ("5.0", 5),
        ("5.1", 6),
        ("5.1(side)", 6),
        ("6.1", 7),
        ("7.1", 8),
        ("hexagonal", 6),
    ],
)
def test_it_is_what_ffmpeg_mixes(tmp_path: Path, layout: str, channels: int) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (RATE // 2, channels)).astype("<f4")
    form = ["-f", "f32le", "-ar", str(RATE), "-ch_layout", layout]
    path = tmp_path / "a.wav"
    subprocess.run([FFMPEG, "-v", "error", *form, "-i", "-", path], input=noise.tobytes(), check=True)
    mix = [FFMPEG, "-v", "error", "-i", path, "-ac", "1", "-f", "s16le", "-"]
    expected = np.frombuffer(subprocess.run(mix, capture_output=True, check=True).stdout, "<i2") / 32768
    assert np.abs(heard(path) - expected).max() < 2 / 32768


@pytest.mark.parametrize("gain", [1.0, 0.8, 0.7])
def test_the_loudest_of_channels_that_cancel_is_kept(tmp_path: Path, gain: float) -> None:
    path = written(tmp_path / "a.wav", -gain * SPEECH, SPEECH)
    assert np.abs(heard(path) - SPEECH).max() < 1e-4


@pytest.mark.parametrize("other", [SPEECH, 0 * SPEECH, -0.3 * SPEECH, SPEECH[::-1]])
def test_channels_that_do_not_cancel_are_mixed(tmp_path: Path, other: NDArray[np.float64]) -> None:
    path = written(tmp_path / "a.wav", SPEECH, other)
    assert np.abs(heard(path) - (SPEECH + other) / 2).max() < 1e-4


def test_low_effects_are_left_out_and_channels_without_names_are_not() -> None:
    assert weights_of(("FL", "FR", "FC", "LFE", "SL", "SR"))[3] == 0
    assert weights_of(("NONE",) * 6)[3] == 0
    assert weights_of(("LFE",)).tolist() == [1]
    assert weights_of(("NONE",) * 4).tolist() == [0.25] * 4


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_samples_of_any_width_are_read_alike(tmp_path: Path, subtype: str) -> None:
    soundfile.write(tmp_path / "a.wav", SPEECH, RATE, subtype=subtype)
    assert np.abs(heard(tmp_path / "a.wav") - SPEECH).max() < 1 / 100


@pytest.mark.parametrize(
    ("frames", "blocks"),
    [([1] * 3, [3]), ([10_000] * 5, [20_000, 20_000, 10_000]), ([20_000, 1, 20_000], [20_000, 20_001])],
)
def test_short_frames_are_gathered(frames: list[int], blocks: list[int]) -> None:
    sounds = [av.AudioFrame(format="fltp", layout="stereo", samples=samples) for samples in frames]
    assert [block.samples.shape for block in blocks_of(sounds)] == [(2, samples) for samples in blocks]
