"""Generates blinks: when they begin, and how the lids move then. Seeded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array

CLOSE_SECONDS, HOLD_SECONDS, OPEN_SECONDS = 0.11, 0.04, 0.2
BLINK_SECONDS = CLOSE_SECONDS + HOLD_SECONDS + OPEN_SECONDS
TYPICAL_PAUSE, SPREAD_OF_PAUSES = 3.1, 0.6
MIN_PAUSE, MAX_PAUSE = 1.2, 9.0
BEFORE_START, NOT_BEFORE = 30.0, 0.25
"""Seconds that the process has run when the video begins, and when the first blink may begin."""
DOUBLE_BLINKS, BETWEEN_DOUBLE = 0.1, 0.42
NEAR_PAUSE, MOVED, AFTER_END = 0.5, 0.7, 0.12
PARTIAL_BLINKS, LEAST_DEPTH = 0.15, 0.7
SLOWEST, FASTEST = 1.15, 0.9


@dataclass(frozen=True, slots=True)
class Blink:
    """Blink that begins at `start`, in seconds; it shuts the eye by `depth`, `slowness` times as slowly."""

    start: float
    depth: float = 1.0
    slowness: float = 1.0


def generate_blinks(seconds: float, seed: int) -> list[Blink]:
    """Returns the blinks of a video: about 16 a minute, log-normal pauses, now and then two in a row.

    They are a renewal process that has run for a while when the video begins, so that the first blink is as
    likely at any moment as the others. Some blinks do not shut the eye wholly.
    """
    random = np.random.default_rng([seed, 1])
    blinks: list[Blink] = []
    now = -float(random.uniform(BEFORE_START / 2, BEFORE_START))
    while now < seconds:
        depth = float(random.uniform(LEAST_DEPTH, 1)) if random.random() < PARTIAL_BLINKS else 1.0
        blink = Blink(now, depth, float(random.uniform(FASTEST, SLOWEST)))
        pause = float(random.lognormal(float(np.log(TYPICAL_PAUSE)), SPREAD_OF_PAUSES))
        double = random.random() < DOUBLE_BLINKS
        if now >= NOT_BEFORE:
            blinks.append(blink)
        now += BETWEEN_DOUBLE if double else min(max(MIN_PAUSE, pause), MAX_PAUSE)
    return blinks


def at_pauses(blinks: list[Blink], ends: Iterable[float], seed: int) -> list[Blink]:
    """Moves most blinks that are near to the end of a phrase there, because people blink when they pause.

    They begin a little after it, each by another time.
    """
    random = np.random.default_rng([seed, 6])
    moved: list[Blink] = []
    last = -BETWEEN_DOUBLE
    ends = sorted(ends)
    for blink in blinks:
        moves, after = random.random() < MOVED, float(random.uniform(0, AFTER_END))
        near = min(ends, key=lambda end: abs(end - blink.start), default=blink.start)
        close = abs(near - blink.start) < NEAR_PAUSE and near - last >= BETWEEN_DOUBLE
        place = near + after if moves and close and near in ends else blink.start
        moved.append(replace(blink, start=max(place, last + BETWEEN_DOUBLE)))
        last = moved[-1].start
    return moved


def lid_track(times: Array, blinks: Iterable[Blink]) -> Array:
    """Returns how far the lids are shut at each time, 0 open to 1 shut; they close faster than they open."""
    track = np.zeros(len(times), dtype=np.float32)
    for blink in blinks:
        shut = blink.start + CLOSE_SECONDS * blink.slowness
        opening = shut + HOLD_SECONDS * blink.slowness
        near = slice(*np.searchsorted(times, [blink.start, opening + OPEN_SECONDS * blink.slowness]))
        down = eased((times[near] - blink.start) / (CLOSE_SECONDS * blink.slowness))
        up = eased((times[near] - opening) / (OPEN_SECONDS * blink.slowness))
        track[near] = np.maximum(track[near], blink.depth * (down - up))
    return track
