"""Cuts long speech at its quietest moments, so that memory does not grow with length."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_SECONDS, MAX_SECONDS = 8.0, 16.0
_HUSH_SECONDS = 0.04


def cut_points(
    samples: NDArray[Any], rate: int, shortest: float = MIN_SECONDS, longest: float = MAX_SECONDS
) -> list[int]:
    """Returns sample positions from 0 to the end; the segments between them are `longest` seconds at most."""
    points = [0]
    end = len(samples)
    while end - points[-1] > longest * rate:
        points.append(points[-1] + _cut(samples[points[-1] :], rate, shortest, longest))
    return [*points, end]


def cut_stream(
    blocks: Iterable[NDArray[Any]], rate: int, shortest: float, longest: float
) -> Iterator[NDArray[Any]]:
    """Yields the sound in segments of `shortest` to `longest` seconds; the last may be shorter."""
    waiting: list[NDArray[Any]] = []
    for block in blocks:
        waiting.append(block)
        if sum(map(len, waiting)) <= longest * rate:
            continue
        samples = np.concatenate(waiting)
        while len(samples) > longest * rate:
            cut = _cut(samples, rate, shortest, longest)
            yield samples[:cut]
            samples = samples[cut:]
        waiting = [samples]
    if any(map(len, waiting)):
        yield np.concatenate(waiting)


def _cut(samples: NDArray[Any], rate: int, shortest: float, longest: float) -> int:
    """Returns the quietest position between `shortest` and `longest` seconds."""
    first, last = round(shortest * rate), round(longest * rate)
    return first + _quietest(samples[first:last], round(_HUSH_SECONDS * rate))


def _quietest(samples: NDArray[Any], width: int) -> int:
    """Returns the middle of the quietest `width` samples."""
    energy = np.cumsum(np.square(samples, dtype=np.float64))
    return int(np.argmin(energy[width:] - energy[:-width])) + width // 2
