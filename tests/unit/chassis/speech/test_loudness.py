"""Integrated loudness, compared with the usual library."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# (pyloudnorm and soundfile have no types)

import numpy as np
import pyloudnorm
import pytest
import soundfile

from services.chassis.speech.loudness import SILENCE_LUFS, integrated_loudness
from tests.examples import READER


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("gain", [0.01, 0.3, 1.0])
def test_intermittent_noise(rate: int, gain: float) -> None:
    seconds = np.arange(4 * rate) / rate
    samples = 0.3 * np.random.default_rng(0).normal(size=len(seconds)) * (np.sin(2 * seconds) > -0.3)
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    expected = meter.integrated_loudness(gain * samples)
    assert integrated_loudness(gain * samples, rate) == pytest.approx(expected, abs=0.1)


def test_a_recording_of_speech() -> None:
    read, rate = soundfile.read(READER)
    samples = np.asarray(read, dtype=np.float64)
    expected = pyloudnorm.Meter(rate).integrated_loudness(samples)
    assert integrated_loudness(samples, rate) == pytest.approx(expected, abs=0.3)


def test_a_tone_of_full_scale_is_at_minus_three() -> None:
    """The recommendation's own example: 997 Hz, 0 dB, one channel."""
    samples = np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000)
    assert integrated_loudness(samples, 48_000) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("samples", [np.zeros(16_000), np.zeros(0), 0.5 * np.ones(100)])
def test_silence_and_short_audio_have_no_loudness(samples: np.ndarray) -> None:
    assert integrated_loudness(samples, 16_000) == SILENCE_LUFS
