"""Computes the mel spectrogram that the speaker encoder was trained on."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
HOP = 160
BANDS = 40
_WINDOW = 400
_LINEAR_HZ, _LINEAR_MELS = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27
"""Slaney's scale: 66.7 Hz for a mel up to 1 kHz, then logarithmic."""


def mel_spectrogram(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the power in 40 bands every 10 ms, shape (frames, 40), of mono samples at 16 kHz."""
    padded = np.pad(samples.astype(np.float32), _WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(windows * hann, axis=1)))
    return (power @ _filters().T).astype(np.float32)


@cache
def _filters() -> NDArray[np.float64]:
    """Returns triangles of equal area, shape (40, 201)."""
    edges = _hertz(np.linspace(0.0, _mels(RATE / 2), BANDS + 2))
    bins = np.linspace(0, RATE / 2, _WINDOW // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return triangles * (2 / (edges[2:] - edges[:-2]))[:, None]


def _mels(hertz: float) -> float:
    return _LINEAR_MELS + float(np.log(hertz / _LINEAR_HZ) / _LOG_STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = mels * (_LINEAR_HZ / _LINEAR_MELS)
    return np.where(mels < _LINEAR_MELS, linear, _LINEAR_HZ * np.exp(_LOG_STEP * (mels - _LINEAR_MELS)))
