"""Converts recordings to the recogniser's input."""

import numpy as np
import soxr
from numpy.typing import NDArray

from services.voice.engines.recording import Recording

Pcm = NDArray[np.int16]
RATE = 16000
_LOUDNESS = 1500.0
_QUIETER_THAN_SPEECH = 1e-3
_DITHER = 30.0


def recogniser_input(recording: Recording) -> Pcm:
    """Returns the speech at 16 kHz and one loudness, with faint noise.

    The recogniser was trained on recordings with noise: it fails on digital silence.
    """
    sound = soxr.resample(recording.samples.astype(np.float64), recording.rate, RATE)
    noise = np.random.default_rng(0).normal(0, _DITHER, len(sound))
    return np.clip(sound * _gain(sound) + noise, -32768, 32767).astype(np.int16)


def _gain(sound: NDArray[np.float64]) -> float:
    power = np.square(sound[: len(sound) // 160 * 160]).reshape(-1, 160).mean(axis=1)
    loud = power[power > power.max(initial=0) * _QUIETER_THAN_SPEECH]
    return _LOUDNESS / float(np.sqrt(loud.mean())) if len(loud) else 0.0
