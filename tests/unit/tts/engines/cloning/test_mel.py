"""Tests the spectrogram against what is known of sounds and of Slaney's scale."""

import numpy as np
import pytest

from services.tts.engines.cloning.mel import BANDS, RATE, mel_spectrogram


@pytest.mark.parametrize(("samples", "frames"), [(0, 1), (159, 1), (160, 2), (16_000, 101)])
def test_there_is_a_frame_every_10_ms(samples: int, frames: int) -> None:
    assert mel_spectrogram(np.zeros(samples, np.float32)).shape == (frames, BANDS)


@pytest.mark.parametrize(("hertz", "band"), [(300, 3), (1000, 13), (4000, 31), (7500, 39)])
def test_a_tone_is_in_the_band_of_its_pitch(hertz: float, band: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE).astype(np.float32)
    middle = mel_spectrogram(tone)[50]
    assert int(middle.argmax()) == band
    assert middle[band] > 100 * middle[(band + 10) % BANDS]


def test_the_power_is_squared_with_the_sound() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    ratio = mel_spectrogram(2 * noise)[20] / mel_spectrogram(noise)[20]
    assert ratio == pytest.approx(np.full(BANDS, 4.0), rel=1e-4)
