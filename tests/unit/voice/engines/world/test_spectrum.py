import numpy as np
import pytest

from services.voice.engines.recording import Samples
from services.voice.engines.world.profile import BANDS, Profile
from services.voice.engines.world.spectrum import (
    corrected_gain,
    equalising_gain,
    estimate_formant_scale,
    gain_at_bins,
    warp_bands,
    warp_envelope,
)

FLAT = np.zeros_like(BANDS)


def formants(scale: float = 1.0) -> Samples:
    """Returns four resonances on a falling slope, in dB."""
    peaks = [12 * np.exp(-(np.log(BANDS / (f * scale)) ** 2) / 0.01) for f in (550, 1500, 2500, 3500)]
    return np.sum(peaks, axis=0) - 6 * np.log2(BANDS / 100)


def profile(*, formants: Samples = FLAT, spectrum: Samples = FLAT, highest: float = 10_000.0) -> Profile:
    return Profile(np.log(120.0), 0.15, spectrum, formants, FLAT, highest)


@pytest.mark.parametrize("scale", [0.82, 0.9, 1.0, 1.08, 1.2])
def test_the_formant_scale_between_speakers_is_found(scale: float) -> None:
    found = estimate_formant_scale(profile(formants=formants()), profile(formants=formants(scale)))
    assert found == pytest.approx(scale, rel=0.015)


def test_the_formant_scale_is_bounded() -> None:
    assert estimate_formant_scale(profile(formants=formants()), profile(formants=formants(1.6))) <= 1.25


def test_tilt_and_level_do_not_affect_the_formant_scale() -> None:
    tilted = formants() + 20 - 3 * np.log(BANDS)
    assert estimate_formant_scale(profile(formants=formants()), profile(formants=tilted)) == pytest.approx(
        1, abs=0.01
    )


def test_the_gain_brings_one_spectrum_to_the_other() -> None:
    slope = 2 * np.log2(BANDS / 1000)
    gain = equalising_gain(profile(), profile(spectrum=slope), 1.0)
    shape = gain - slope
    assert np.ptp(shape[2:-2]) < 0.2


def test_the_gain_does_not_change_the_loudness() -> None:
    source = profile(spectrum=-3 * np.log2(BANDS / 100))
    louder = profile(spectrum=source.spectrum + 30)
    assert equalising_gain(source, louder, 1.0) == pytest.approx(FLAT, abs=1e-9)


def test_the_gain_is_bounded_and_constant_beyond_the_references_bandwidth() -> None:
    steep = np.where(BANDS > 7000, -100.0, 40 * np.log2(BANDS / 1000))
    gain = equalising_gain(profile(), profile(spectrum=steep, highest=7000.0), 1.0)
    assert np.abs(gain).max() == 18
    assert gain[-1] > -18 or np.all(gain[BANDS > 7000] == gain[-1])


def test_the_gain_is_corrected_by_what_a_trial_missed() -> None:
    gain = np.full_like(BANDS, 2.0)
    missed = 3 * np.sin(np.linspace(0, 3, len(BANDS)))
    corrected = corrected_gain(gain, FLAT, gain - missed, 1.0)
    assert np.ptp((corrected - gain - missed)[1:-1]) < 0.1


def test_a_warp_moves_a_peak() -> None:
    power = np.full((1, 513), 1e-6)
    power[0, 100] = 1.0
    assert np.argmax(warp_envelope(power, 1.2)[0]) == 120
    assert warp_envelope(power, 1.0) is power
    peak = np.exp(-(np.log(BANDS / 1000) ** 2) / 0.02)
    assert BANDS[np.argmax(warp_bands(peak, 1.25))] == pytest.approx(1250, rel=0.05)


def test_decibels_become_power_factors() -> None:
    assert gain_at_bins(np.full_like(BANDS, 10.0), 5, 16000) == pytest.approx(np.full(5, 10.0))
