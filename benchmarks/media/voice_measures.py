"""Measures the pitch and the long-term average spectrum of a voice."""

from itertools import pairwise

import numpy as np
import pyworld
from numpy.typing import NDArray

MIN_HZ, MAX_HZ = 100.0, 7000.0
"""Limits of the spectrum. A recording at 16 kHz ends soon after the upper one."""
BANDS_PER_OCTAVE = 3
PITCH_SECONDS = 30.0
"""Length of the speech that is measured. Harvest takes a seventh of it; more does not change the median."""
WINDOW_SECONDS = 0.04
QUIETER_THAN_SPEECH_DB = -40.0
Samples = NDArray[np.float32]


def median_pitch(samples: Samples, rate: int) -> float:
    """Returns the median pitch of the first half minute in Hz, by WORLD's harvest.

    The engine tracks pitch by another method (dio).
    """
    first = samples[: round(PITCH_SECONDS * rate)].astype(np.float64)
    pitch, _ = pyworld.harvest(first, rate, f0_floor=55.0, f0_ceil=600.0)
    return float(np.median(pitch[pitch > 0]))


def spectrum_distance(first: tuple[Samples, int], second: tuple[Samples, int]) -> float:
    """Returns the RMS difference in dB between the average spectra of two voices, in thirds of octaves.

    The mean of each spectrum is removed, so that loudness does not count.
    """
    difference = average_spectrum(*first) - average_spectrum(*second)
    centred: NDArray[np.float64] = difference - np.mean(difference)
    return float(np.sqrt(np.mean(np.square(centred))))


def average_spectrum(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Returns the spectrum in dB in thirds of octaves, averaged over the windows that hold speech."""
    size = round(WINDOW_SECONDS * rate)
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), size)[:: size // 2]
    level = 10 * np.log10(np.square(windows).mean(axis=1) + 1e-12)
    speech = windows[level >= level.max() + QUIETER_THAN_SPEECH_DB]
    power = np.square(np.abs(np.fft.rfft(speech * np.hanning(size), axis=1))).mean(axis=0)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    edges = MIN_HZ * 2 ** (np.arange(int(np.log2(MAX_HZ / MIN_HZ) * BANDS_PER_OCTAVE) + 1) / BANDS_PER_OCTAVE)
    bands = [power[(frequencies >= low) & (frequencies < high)].mean() for low, high in pairwise(edges)]
    return 10 * np.log10(np.array(bands) + 1e-16)
