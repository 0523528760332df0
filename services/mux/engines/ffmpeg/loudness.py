"""Computes the gain and limiter that reach a loudness within a true peak, from what was measured.

ffmpeg's `ebur128` is the meter. Its `loudnorm` is not used: where speech has sharp peaks its second pass
falls back to riding the volume, and for less than three seconds it misses the loudness; one gain and a
true-peak limiter do neither.
"""

import re
from dataclasses import dataclass, replace

TRUE_PEAK_DBTP = -1.5
# AAC overshoots what it was given.
CODEC_HEADROOM_DB = 1.0
TOLERANCE_LU = 0.3
SILENCE_LUFS = -60.0
MAX_GAIN_DB = 60.0
ROUNDS = 4
_INTEGRATED = re.compile(r"^ *I: +(\S+) LUFS$", re.MULTILINE)
_TRUE_PEAK = re.compile(r"^ *Peak: +(\S+) dBFS$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness by BS.1770, to a tenth; digital silence has -70 LUFS and a peak of minus infinity."""

    integrated_lufs: float
    true_peak_dbtp: float

    @property
    def silent(self) -> bool:
        """Whether the sound is too quiet to be speech, and is not to be made louder."""
        return self.integrated_lufs < SILENCE_LUFS


@dataclass(frozen=True, slots=True)
class Mastering:
    """A gain, and the ceiling of a limiter if one is needed."""

    gain_db: float = 0.0
    ceiling_dbtp: float | None = None


def parse_loudness(log: str) -> Loudness:
    """Reads the summary that `ebur128` logs at its end. Raises `ValueError` if there is none."""
    integrated, peak = _INTEGRATED.findall(log), _TRUE_PEAK.findall(log)
    if not integrated or not peak:
        raise ValueError("no loudness in the log")
    return Loudness(float(integrated[-1]), float(peak[-1]))


def first_mastering(measured: Loudness, target_lufs: float) -> Mastering:
    """Returns one gain that reaches the target, with a limiter if the peaks would be too high."""
    if measured.silent:
        return Mastering()
    gain = min(target_lufs - measured.integrated_lufs, MAX_GAIN_DB)
    ceiling = TRUE_PEAK_DBTP - CODEC_HEADROOM_DB
    needs_limiter = measured.true_peak_dbtp + gain > ceiling
    return Mastering(gain, ceiling if needs_limiter else None)


def corrected(mastering: Mastering, result: Loudness, target_lufs: float) -> Mastering | None:
    """Returns the mastering to try next, or `None` if the result is good."""
    if result.silent:
        return None
    miss = target_lufs - result.integrated_lufs
    overshoot = result.true_peak_dbtp - TRUE_PEAK_DBTP
    if abs(miss) <= TOLERANCE_LU and overshoot <= 0:
        return None
    ceiling = mastering.ceiling_dbtp
    if overshoot > 0:
        ceiling = (TRUE_PEAK_DBTP - CODEC_HEADROOM_DB if ceiling is None else ceiling) - overshoot
    elif miss > 0 and ceiling is None:
        ceiling = TRUE_PEAK_DBTP - CODEC_HEADROOM_DB
    return replace(mastering, gain_db=min(mastering.gain_db + miss, MAX_GAIN_DB), ceiling_dbtp=ceiling)
