"""Generates glances: small jumps of the eyes, and rests between them. Seeded."""

import numpy as np

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array

JUMP_SECONDS = 0.05
TYPICAL_REST, SPREAD_OF_RESTS = 0.9, 0.6
MIN_REST, MAX_REST = 0.25, 4.0
SMALL, FLAT = 0.14, 0.5
AWAY, LOOKS_AWAY = 0.5, 0.1


def glance_track(times: Array, seed: int) -> Array:
    """Returns where the eyes look, (frames, 2): across and down, -1 to 1.

    Most of it is near zero, that is, where the portrait looks.
    """
    random = np.random.default_rng([seed, 3])
    track, place, now = np.zeros((len(times), 2)), np.zeros(2), 0.3
    end = float(times[-1]) if len(times) else 0.0
    while now < end:
        aim = random.normal(0, 1, 2) * (AWAY if random.random() < LOOKS_AWAY else SMALL) * (1, FLAT)
        start, there = np.searchsorted(times, [now, now + JUMP_SECONDS])
        share = eased((times[start:there] - now) / JUMP_SECONDS)[:, None]
        track[start:there], track[there:] = place + share * (aim - place), aim
        place = aim
        rest = float(random.lognormal(float(np.log(TYPICAL_REST)), SPREAD_OF_RESTS))
        now += min(max(MIN_REST, rest), MAX_REST)
    return np.clip(track, -1, 1).astype(np.float32)
