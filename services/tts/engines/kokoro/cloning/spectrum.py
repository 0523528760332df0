"""Compares long-term spectra of voices, and makes filters that change one into the other."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Levels = NDArray[np.float64]
"""Decibels at `CENTRES`, shape (21,)."""

CENTRES: Levels = 1000 * 2 ** (np.arange(-10, 11) / 3)
"""Third octaves in Hz, from 99 Hz to 10 kHz."""
MAX_GAIN_DB = 12.0
TAPS = 511
_WINDOW = 2048
_QUIETER_THAN_SPEECH = 1e-4
_KNOWN_SHARE = 0.92
"""Up to there a recording's spectrum is its speaker's, not its low-pass filter's."""
_BALANCED = (CENTRES > 300) & (CENTRES < 3500)
"""Bands whose mean gain is none: the filter changes the colour of a voice, hardly its level."""


def band_levels(samples: Samples, rate: int) -> Levels:
    """Returns the average power of speech in third octaves, in dB."""
    padded = np.pad(samples.astype(np.float64), (0, max(0, _WINDOW - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[:: _WINDOW // 2]
    power = np.square(windows).mean(axis=1)
    loud = windows[power >= power.max() * _QUIETER_THAN_SPEECH]
    spectrum = np.square(np.abs(np.fft.rfft(loud * np.hanning(_WINDOW), axis=1))).mean(axis=0)
    total = np.concatenate([[0.0], np.cumsum(spectrum)])
    edges = np.concatenate([CENTRES * 2 ** (-1 / 6), CENTRES[-1:] * 2 ** (1 / 6)])
    # Powers between two bins are shared out, so that a band narrower than a bin has its part of one.
    below = np.interp(edges / (rate / _WINDOW), np.arange(len(total)), total)
    return 10 * np.log10(np.diff(below) + 1e-12)


def matching_gain(voice: Levels, wanted: Levels, highest: float) -> Levels:
    """Returns the decibels that bring the spectrum of a voice near to the wanted one, at most 12 either way.

    The wanted spectrum is known up to `highest` Hz: above it the last gain below is held.
    """
    gain = wanted - voice
    known = highest * _KNOWN_SHARE > CENTRES
    gain[~known] = gain[known][-1]
    gain = np.convolve(np.pad(gain, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return np.clip(gain - gain[_BALANCED].mean(), -MAX_GAIN_DB, MAX_GAIN_DB)


def equaliser(gain: Levels, rate: int) -> Samples:
    """Returns the coefficients of a filter with this gain, symmetric around the middle one of 511."""
    frequencies = np.linspace(0, rate / 2, _WINDOW // 2 + 1)
    decibels = np.interp(np.log(np.maximum(frequencies, 1.0)), np.log(CENTRES), gain)
    response = np.roll(np.fft.irfft(10 ** (decibels / 20)), TAPS // 2)[:TAPS]
    return (response * np.hanning(TAPS + 2)[1:-1]).astype(np.float32)


def spectral_distance(voice: Levels, wanted: Levels, highest: float) -> float:
    """Returns how far two spectra are apart, level aside: the RMS in dB over the bands known of both."""
    known = highest * _KNOWN_SHARE > CENTRES
    return float(np.std((voice - wanted)[known]))
