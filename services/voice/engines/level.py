"""Measures how loud speech is, and matches the loudness of changed speech to that of its source."""

import math

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.quality import QualityCheck, judge

_PEAK = 0.97
_QUIETER_THAN_SPEECH = 1e-4
LEVEL = "speech_level"
MIN_LEVEL_DB = -60.0
_SILENCE_DB = -120.0


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


def level_check(samples: NDArray[np.float32]) -> QualityCheck:
    """Returns the check that anything is heard in a recording."""
    loudness = speech_loudness(samples)
    level = max(_SILENCE_DB, 20 * math.log10(loudness)) if loudness > 0 else _SILENCE_DB
    seen = (
        f"The recording is silent, or nearly ({level:.0f} dB): the lips follow what little is heard. "
        "Check the microphone and its channel, and record it again."
    )
    return judge(LEVEL, level, "dB", lower=MIN_LEVEL_DB, seen=seen)
