"""Cutting long speech at its quietest moments, so that memory does not grow with length."""

import numpy as np

from services.voice.engines.world.recording import Recording

SHORTEST_SECONDS, LONGEST_SECONDS = 8.0, 16.0
_HUSH_SECONDS = 0.04


def cut_points(recording: Recording) -> list[int]:
    """Sample positions from 0 to the end; stretches between are 16 s at most."""
    points = [0]
    end = len(recording.samples)
    while end - points[-1] > LONGEST_SECONDS * recording.rate:
        first = points[-1] + round(SHORTEST_SECONDS * recording.rate)
        last = points[-1] + round(LONGEST_SECONDS * recording.rate)
        points.append(first + _quietest(recording.samples[first:last], round(_HUSH_SECONDS * recording.rate)))
    return [*points, end]


def _quietest(samples: np.ndarray, width: int) -> int:
    """The middle of the quietest `width` samples."""
    energy = np.cumsum(np.square(samples, dtype=np.float64))
    return int(np.argmin(energy[width:] - energy[:-width])) + width // 2
