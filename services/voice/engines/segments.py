"""Cuts long speech at its quietest moments, so that memory does not grow with length."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_SECONDS, MAX_SECONDS = 8.0, 16.0
_HUSH_SECONDS = 0.04


def cut_points(samples: NDArray[Any], rate: int) -> list[int]:
    """Returns sample positions from 0 to the end; the segments between them are 16 s at most."""
    points = [0]
    end = len(samples)
    while end - points[-1] > MAX_SECONDS * rate:
        first = points[-1] + round(MIN_SECONDS * rate)
        last = points[-1] + round(MAX_SECONDS * rate)
        points.append(first + _quietest(samples[first:last], round(_HUSH_SECONDS * rate)))
    return [*points, end]


def _quietest(samples: NDArray[Any], width: int) -> int:
    """Returns the middle of the quietest `width` samples."""
    energy = np.cumsum(np.square(samples, dtype=np.float64))
    return int(np.argmin(energy[width:] - energy[:-width])) + width // 2
