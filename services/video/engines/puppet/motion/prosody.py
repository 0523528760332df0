"""Moves head and brows with the speech: nods and brows on stress, a drift where a phrase ends."""

import numpy as np

from services.chassis.engine_api.timeline import SpeechTimeline, Stress, TimedPhoneme
from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array

PAUSE = 0.18
NOD_SECONDS, NOD_BEFORE, NOD, NODDED = 0.55, 0.1, (0.6, 1.8), 0.7
"""Length of a nod, how long before its sound it begins, range of its depth, and how many sounds get one."""
BROWS_SECONDS, BROWS_BEFORE, BROWS = 0.7, 0.15, 0.5
EMPHASISED = 0.7
DRIFT_SECONDS, DRIFT = 0.6, 0.8

Phrase = list[TimedPhoneme]


def phrases(timeline: SpeechTimeline | None) -> list[Phrase]:
    """Returns the phonemes between pauses."""
    found: list[Phrase] = []
    for phoneme in timeline.phonemes if timeline else ():
        if not found or phoneme.start - found[-1][-1].end > PAUSE:
            found.append([])
        found[-1].append(phoneme)
    return found


def nod_track(times: Array, timeline: SpeechTimeline | None, seed: int) -> Array:
    """Returns the nods: one with most stressed sounds, at most one at a time.

    The head sinks at the end of a phrase.
    """
    random = np.random.default_rng([seed, 5])
    nods, last = np.zeros(len(times)), -NOD_SECONDS
    for phrase in phrases(timeline):
        for phoneme in phrase:
            if phoneme.stress is Stress.PRIMARY and phoneme.start >= last + NOD_SECONDS:
                depth = float(random.uniform(*NOD)) if random.random() < NODDED else 0.0
                last = phoneme.start
                _add_wave(nods, times, last - NOD_BEFORE, NOD_SECONDS, depth)
        _add_drift(nods, times, phrase[-1].end)
    return nods.astype(np.float32)


def brow_track(times: Array, timeline: SpeechTimeline | None, seed: int) -> Array:
    """Returns how far the brows rise: with the longest stressed sound of most phrases."""
    random = np.random.default_rng([seed, 4])
    brows = np.zeros(len(times))
    for phrase in phrases(timeline):
        stressed = [phoneme for phoneme in phrase if phoneme.stress is Stress.PRIMARY]
        if stressed and random.random() < EMPHASISED:
            longest = max(stressed, key=lambda phoneme: phoneme.end - phoneme.start)
            height = BROWS * float(random.uniform(0.6, 1))
            _add_wave(brows, times, longest.start - BROWS_BEFORE, BROWS_SECONDS, height)
    return brows.astype(np.float32)


def _add_wave(track: Array, times: Array, start: float, seconds: float, height: float) -> None:
    """Adds one wave: up from zero and down to it again."""
    near = slice(*np.searchsorted(times, [start, start + seconds]))
    track[near] += height * np.sin(np.pi * (times[near] - start) / seconds) ** 2


def _add_drift(track: Array, times: Array, end: float) -> None:
    """Adds a drift down towards the end of a phrase, and back more slowly."""
    down, up = (
        eased((times - end + DRIFT_SECONDS) / DRIFT_SECONDS),
        eased((times - end) / (2 * DRIFT_SECONDS)),
    )
    track += DRIFT * (down - up)
