"""Shapes the melody and the loudness that a model gives, frame by frame."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.tts.engines.neural.manner import Shade

VOICED_HZ = 40.0


def sung(pitch: NDArray[np.float32], shades: Sequence[Shade]) -> NDArray[np.float32]:
    """Returns the fundamental, Hz of each frame, with the melody and the semitones of its shade."""
    voiced = pitch > VOICED_HZ
    if not voiced.any():
        return pitch
    middle = np.median(np.log2(pitch[voiced]))
    melody = np.array([each.melody for each in shades], np.float32)
    octaves = np.array([each.semitones for each in shades], np.float32) / 12
    bent = 2 ** (middle + melody * (np.log2(np.maximum(pitch, 1.0)) - middle) + octaves)
    return np.where(voiced, bent, pitch).astype(np.float32)


def gains(shades: Sequence[Shade], frame: int) -> NDArray[np.float32]:
    """Returns a factor for each sample, without steps. A shade is of `frame` samples."""
    levels = np.array([10 ** (each.decibels / 20) for each in shades], np.float32)
    middles = (np.arange(len(levels)) + 0.5) * frame
    return np.interp(np.arange(len(levels) * frame), middles, levels).astype(np.float32)
