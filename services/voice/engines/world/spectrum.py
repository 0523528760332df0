"""Compares and changes spectra: formant scale, equalising gain, frequency warp."""

import numpy as np

from services.voice.engines.recording import Samples
from services.voice.engines.world.profile import BANDS, Profile

MIN_SCALE, MAX_SCALE = 0.8, 1.25
MAX_GAIN_DB = 18.0

_SCALES = np.exp(np.linspace(float(np.log(MIN_SCALE)), float(np.log(MAX_SCALE)), 91))
_FORMANT_REGION = (BANDS > 300) & (BANDS < 4500)
# How much worse, in dB, a scale must fit to be as unlikely as one 20% away: averages of
# different sentences differ in their vowels, so a small gain in fit is no evidence.
_PRIOR_DB = 0.6


def estimate_formant_scale(source: Profile, reference: Profile) -> float:
    """Returns the factor for the source's formant frequencies that fits the reference, 0.8 to 1.25."""
    costs = [_misfit(source.formants, reference.formants, scale) for scale in _SCALES]
    prior = _PRIOR_DB * np.square(np.log(_SCALES) / np.log(1.2))
    return float(_SCALES[int(np.argmin(np.array(costs) + prior))])


def equalising_gain(source: Profile, reference: Profile, scale: float) -> Samples:
    """Returns the gain, in dB at `BANDS`, from the source with scaled formants to the reference's spectrum.

    It is smoothed over neighbouring bands, does not change the loudness, and is at most 18 dB either way.
    """
    moved = warp_bands(source.spectrum, scale)
    gain = reference.spectrum - moved
    gain[reference.highest < BANDS] = gain[reference.highest >= BANDS][-1]
    gain -= _loudness(moved + gain) - _loudness(moved)
    return _bounded(_smooth(gain))


def corrected_gain(gain: Samples, before: Samples, after: Samples, scale: float) -> Samples:
    """Returns the gain that makes up for what a trial with `gain` and `scale` missed.

    `before` and `after` are the average spectra of the trial's input and output.
    """
    expected = warp_bands(before, scale) + gain
    missed = expected - after
    return _bounded(gain + _smooth(missed - (_loudness(expected) - _loudness(after))))


def warp_bands(spectrum: Samples, scale: float) -> Samples:
    """Returns a spectrum at `BANDS` with all its frequencies multiplied by `scale`."""
    return np.interp(BANDS / scale, BANDS, spectrum)


def warp_envelope(envelope: Samples, scale: float) -> Samples:
    """Returns rows of power, at evenly spaced bins from 0 Hz, with all frequencies multiplied by `scale`."""
    if scale == 1.0:
        return envelope
    bins: int = envelope.shape[1]
    wanted = np.minimum(np.arange(bins) / scale, bins - 1)
    left = np.minimum(wanted.astype(int), bins - 2)
    share = wanted - left
    logs = np.log(envelope + 1e-16)
    return np.exp(logs[:, left] * (1 - share) + logs[:, left + 1] * share)


def gain_at_bins(gain: Samples, bins: int, rate: int) -> Samples:
    """Converts a gain in dB at `BANDS` to power factors at evenly spaced bins from 0 Hz to half the rate."""
    return 10 ** (np.interp(np.linspace(0, rate / 2, bins), BANDS, gain) / 10)


def _misfit(source: Samples, reference: Samples, scale: float) -> float:
    """Returns the RMS difference in dB over the formant region, apart from level and tilt."""
    difference = (reference - warp_bands(source, scale))[_FORMANT_REGION]
    axis = np.log(BANDS[_FORMANT_REGION])
    return float(np.std(difference - np.polyval(np.polyfit(axis, difference, 1), axis)))


def _loudness(spectrum: Samples) -> float:
    return float(10 * np.log10(np.mean(10 ** (spectrum / 10))))


def _smooth(gain: Samples) -> Samples:
    return np.convolve(np.pad(gain, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")


def _bounded(gain: Samples) -> Samples:
    return np.clip(gain, -MAX_GAIN_DB, MAX_GAIN_DB)
