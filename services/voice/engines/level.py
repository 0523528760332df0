"""Matches the loudness of changed speech to that of its source."""

import numpy as np
from numpy.typing import NDArray

_PEAK = 0.97
_QUIETER_THAN_SPEECH = 1e-4


def match_loudness(changed: NDArray[np.float32], speech: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the changed speech as loud as the source, but never above the peak that 16 bits hold."""
    loudness, wanted = speech_loudness(changed), speech_loudness(speech)
    peak = float(np.abs(changed).max(initial=0))
    if peak == 0 or loudness == 0:
        return changed
    return changed * np.float32(min(wanted / loudness, _PEAK / peak))


def speech_loudness(samples: NDArray[np.float32]) -> float:
    """Returns the RMS without the pauses, which reverberation fills."""
    size = 400
    whole = np.pad(samples.astype(np.float64), (0, -len(samples) % size)).reshape(-1, size)
    power = np.square(whole).mean(axis=1)
    return float(np.sqrt(power[power >= power.max(initial=0) * _QUIETER_THAN_SPEECH].mean()))
