"""Generates where the eyes look: small jumps around a place, and now and then another place. Seeded."""

from collections.abc import Iterable, Iterator

import numpy as np

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array

JUMP_SECONDS = 0.05
TYPICAL_REST, SPREAD_OF_RESTS = 0.75, 0.6
MIN_REST, MAX_REST = 0.2, 3.5
BEFORE_START = 5.0
SMALL, FLAT = 0.1, 0.6
AWAY, LOOKS_AWAY, LOOKS_AWAY_AT_PHRASE = 0.45, 0.07, 0.35
"""Size of a look away, and how likely it is at a jump, and where a phrase begins."""
AT_PHRASE = 0.15

Jump = tuple[float, Array]
"""When the eyes jump, and where to."""


def glance_track(times: Array, seed: int, phrase_starts: Iterable[float] = ()) -> Array:
    """Returns where the eyes look, (frames, 2): across and down, -1 to 1.

    Most of it is near zero, that is, where the portrait looks. Who begins to say something often looks away,
    and comes back.
    """
    track, place = np.zeros((len(times), 2)), np.zeros(2)
    end = float(times[-1]) if len(times) else 0.0
    for now, aim in _jumps(end, seed, sorted(phrase_starts)):
        start, there = np.searchsorted(times, [now, now + JUMP_SECONDS])
        share = eased((times[start:there] - now) / JUMP_SECONDS)[:, None]
        track[start:there], track[there:] = place + share * (aim - place), aim
        place = aim
    return np.clip(track, -1, 1).astype(np.float32)


def _jumps(end: float, seed: int, phrase_starts: list[float]) -> Iterator[Jump]:
    """Yields the jumps up to `end`. They are a renewal process that has run for a while at the beginning."""
    random = np.random.default_rng([seed, 3])
    now = -float(random.uniform(0, BEFORE_START))
    while now < end:
        near = any(abs(start - now) < AT_PHRASE for start in phrase_starts)
        away = random.random() < (LOOKS_AWAY_AT_PHRASE if near else LOOKS_AWAY)
        yield now, random.normal(0, 1, 2) * (AWAY if away else SMALL) * (1, FLAT)
        rest = float(random.lognormal(float(np.log(TYPICAL_REST)), SPREAD_OF_RESTS))
        now += min(max(MIN_REST, rest), MAX_REST)
