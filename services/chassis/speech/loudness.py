"""Loudness by ITU-R BS.1770, in the frequency domain. Only services that have numpy may import this.

The usual library imports SciPy, which costs a slim worker a second and 80 MiB.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.floating[Any]]

SILENCE_LUFS = -70.0
"""The absolute gate, and the loudness of silence."""
_OFFSET = -0.691
_RELATIVE_GATE_LU = -10.0
BLOCK_SECONDS = 0.4
"""Length of a block. Shorter audio has no loudness."""
_OVERLAPPING_BLOCKS = 4
# The recommendation's two filters, for any sample rate: B. De Man, "Evaluation of implementations of the
# EBU R128 loudness measurement" (2018).
_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1681.9744509555319, 0.7071752369554193, 3.99984385397
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087613982, 0.5003270373253953


def integrated_loudness(samples: Samples, rate: int) -> float:
    """Returns the LUFS of mono samples from -1 to 1, with both gates; -70 for silence and for less than 0.4
    s.
    """
    power = np.array(list(_block_powers(samples, rate)))
    heard = power[_level(power) > SILENCE_LUFS]
    if not len(heard):
        return SILENCE_LUFS
    loud = heard[_level(heard) > _level(heard.mean()) + _RELATIVE_GATE_LU]
    return float(_level(loud.mean()))


def _level(power: Any) -> Any:
    """Returns the loudness in LUFS of a weighted mean square."""
    return _OFFSET + 10 * np.log10(power + 1e-12)


def _block_powers(samples: Samples, rate: int) -> Iterator[float]:
    """Yields the mean square of each weighted block."""
    size = round(BLOCK_SECONDS * rate)
    weights = k_weighting(np.fft.rfftfreq(size, 1 / rate), rate) / (size * size)
    weights[1 : None if size % 2 else -1] *= 2  # the frequencies that a real spectrum leaves out
    for start in range(0, len(samples) - size + 1, size // _OVERLAPPING_BLOCKS):
        spectrum = np.fft.rfft(samples[start : start + size])
        yield float(np.square(np.abs(spectrum)) @ weights)


def k_weighting(frequencies: Samples, rate: int) -> Samples:
    """Returns the gain in power of both filters at each frequency."""
    z = np.exp(-2j * np.pi * frequencies / rate)
    return np.square(np.abs(_shelf(z, rate) * _high_pass(z, rate)))


def _shelf(z: Any, rate: int) -> Any:
    k = np.tan(np.pi * _SHELF_HZ / rate)
    high = 10 ** (_SHELF_DB / 20)
    middle = high**0.499666774155
    numerator = high + middle * k / _SHELF_Q + k * k, 2 * (k * k - high), high - middle * k / _SHELF_Q + k * k
    return _quadratic(numerator, z) / _quadratic(_poles(k, _SHELF_Q), z)


def _high_pass(z: Any, rate: int) -> Any:
    k = np.tan(np.pi * _HIGH_PASS_HZ / rate)
    poles = _poles(k, _HIGH_PASS_Q)
    return poles[0] * _quadratic((1.0, -2.0, 1.0), z) / _quadratic(poles, z)


def _poles(k: float, q: float) -> tuple[float, float, float]:
    return 1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k


def _quadratic(coefficients: tuple[float, float, float], z: Any) -> Any:
    first, second, third = coefficients
    return first + second * z + third * z * z
