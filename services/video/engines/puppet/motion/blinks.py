"""Generates blinks: when they begin, and how the lids move then. Seeded."""

from collections.abc import Iterable

import numpy as np

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array

CLOSE_SECONDS, HOLD_SECONDS, OPEN_SECONDS = 0.11, 0.04, 0.2
BLINK_SECONDS = CLOSE_SECONDS + HOLD_SECONDS + OPEN_SECONDS
TYPICAL_PAUSE, SPREAD_OF_PAUSES = 3.1, 0.5
MIN_PAUSE, MAX_PAUSE = 1.2, 9.0
FIRST_BLINK_AFTER = 0.7
DOUBLE_BLINKS, BETWEEN_DOUBLE = 0.1, 0.42
NEAR_PAUSE = 0.5


def blink_starts(seconds: float, seed: int) -> list[float]:
    """Returns when blinks begin: about 16 a minute, log-normal pauses, now and then two in a row."""
    random = np.random.default_rng([seed, 1])
    starts: list[float] = []
    now = FIRST_BLINK_AFTER + float(random.uniform(0, 1.5))
    while now < seconds:
        starts.append(now)
        pause = float(random.lognormal(float(np.log(TYPICAL_PAUSE)), SPREAD_OF_PAUSES))
        double = random.random() < DOUBLE_BLINKS
        now += BETWEEN_DOUBLE if double else min(max(MIN_PAUSE, pause), MAX_PAUSE)
    return starts


def at_pauses(starts: list[float], ends: Iterable[float]) -> list[float]:
    """Moves blinks that are near to the end of a phrase there, because people blink when they pause."""
    moved: list[float] = []
    last = -BETWEEN_DOUBLE
    ends = sorted(ends)
    for start in starts:
        near = min(ends, key=lambda end: abs(end - start), default=start)
        place = near if abs(near - start) < NEAR_PAUSE and near - last >= BETWEEN_DOUBLE else start
        moved.append(max(place, last + BETWEEN_DOUBLE))
        last = moved[-1]
    return moved


def lid_track(times: Array, starts: list[float]) -> Array:
    """Returns how far the lids are shut at each time, 0 open to 1 shut; they close faster than they open."""
    track = np.zeros(len(times), dtype=np.float32)
    for start in starts:
        shut = start + CLOSE_SECONDS
        opening = shut + HOLD_SECONDS
        near = slice(*np.searchsorted(times, [start, opening + OPEN_SECONDS]))
        down = eased((times[near] - start) / CLOSE_SECONDS)
        up = eased((times[near] - opening) / OPEN_SECONDS)
        track[near] = np.maximum(track[near], down - up)
    return track
