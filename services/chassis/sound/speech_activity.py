"""Detects where a recording has speech, and how far that is above the noise."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

FRAME_SECONDS = 0.01
_SPEECH_PERCENTILE, _NOISE_PERCENTILE = 95, 10
_ABOVE_NOISE_DB, _BELOW_SPEECH_DB = 9.0, 12.0
# Speech includes the gaps of its stops, and begins and ends softer than it is in between.
_MAX_GAP, _SOFT_EDGE = 25, 8
_SILENCE_DB = -120.0


@dataclass(frozen=True, slots=True)
class Activity:
    """The speech in a recording: `speech` is True for each 10 ms that belong to it, shape (n,).

    `signal_to_noise` is in dB, from the level of loud speech to that of the constant background.
    """

    speech: NDArray[np.bool_]
    signal_to_noise: float

    @property
    def seconds(self) -> float:
        return float(self.speech.sum()) * FRAME_SECONDS


def find_speech(samples: Samples, rate: int) -> Activity:
    size = round(rate * FRAME_SECONDS)
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    if not len(whole):
        return Activity(np.zeros(0, bool), 0.0)
    level = np.maximum(10 * np.log10(np.square(whole).mean(axis=1) + 1e-12), _SILENCE_DB)
    loud, floor = np.percentile(level, [_SPEECH_PERCENTILE, _NOISE_PERCENTILE])
    heard = level > min(floor + _ABOVE_NOISE_DB, loud - _BELOW_SPEECH_DB)
    return Activity(_widened(_closed(heard)) if loud > floor else heard, float(loud - floor))


def _closed(heard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fills short gaps between heard stretches."""
    closed = heard.copy()
    places = np.flatnonzero(heard)
    for before, after in pairwise(places):
        if after - before <= _MAX_GAP:
            closed[before:after] = True
    return closed


def _widened(heard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    around = np.ones(2 * _SOFT_EDGE + 1)
    return np.convolve(heard, around, mode="full")[_SOFT_EDGE : _SOFT_EDGE + len(heard)] > 0
