"""What a living face does without meaning it: blinks and small head movements. Seeded."""

from dataclasses import dataclass

import numpy as np

from services.chassis.timeline import SpeechTimeline, Stress
from services.video.engines.puppet.feature_frame import Array

BLINK_CLOSE_SECONDS = 0.09
BLINK_HOLD_SECONDS = 0.04
BLINK_OPEN_SECONDS = 0.17
MEAN_PAUSE_SECONDS = 3.4
SHORTEST_PAUSE_SECONDS = 0.9
FIRST_BLINK_AFTER = 0.7
DOUBLE_BLINKS = 0.12
NOD_SECONDS = 0.55


def blink_starts(seconds: float, seed: int) -> list[float]:
    """When blinks begin: about 16 a minute, log-normal pauses, now and then two in a row."""
    random = np.random.default_rng([seed, 1])
    starts, now = [], FIRST_BLINK_AFTER + float(random.uniform(0, 1.5))
    while now < seconds:
        starts.append(now)
        pause = MEAN_PAUSE_SECONDS * float(random.lognormal(-0.18, 0.6))
        if random.random() < DOUBLE_BLINKS:
            pause = 0.0
        now += max(SHORTEST_PAUSE_SECONDS if pause else 0.4, pause)
    return starts


def lid_track(times: np.ndarray, starts: list[float]) -> Array:
    """How far the lids are shut at each time, 0 open to 1 shut; they close faster than they open."""
    track = np.zeros(len(times), dtype=np.float32)
    for start in starts:
        shut = start + BLINK_CLOSE_SECONDS
        opening = shut + BLINK_HOLD_SECONDS
        near = slice(*np.searchsorted(times, [start, opening + BLINK_OPEN_SECONDS]))
        down = np.clip((times[near] - start) / BLINK_CLOSE_SECONDS, 0, 1)
        up = np.clip((times[near] - opening) / BLINK_OPEN_SECONDS, 0, 1)
        track[near] = np.maximum(track[near], _ease(down) - _ease(up))
    return track


@dataclass(frozen=True, slots=True)
class HeadTrack:
    """One value a frame. Turn and nod are about -1 to 1 of what is natural, lean is in radians.

    `shift` is (frames, 2), in face heights.
    """

    turn: Array
    nod: Array
    lean: Array
    shift: Array


def head_track(times: np.ndarray, timeline: SpeechTimeline | None, seed: int) -> HeadTrack:
    random = np.random.default_rng([seed, 2])
    nod = 0.45 * _drift(times, random) + _nods(times, timeline)
    sideways, updown = _drift(times, random), _drift(times, random)
    return HeadTrack(
        turn=_drift(times, random),
        nod=nod.astype(np.float32),
        lean=0.016 * _drift(times, random),
        shift=np.stack([0.008 * sideways, 0.004 * updown], axis=1).astype(np.float32),
    )


def _drift(times: np.ndarray, random: np.random.Generator) -> Array:
    """Slow and never repeating, within -1 to 1."""
    slow = random.uniform([0.07, 0.17, 0.33], [0.13, 0.27, 0.5])
    phase = random.uniform(0, 2 * np.pi, 3)
    waves = np.sin(2 * np.pi * slow[:, None] * times + phase[:, None])
    return (np.array([0.5, 0.33, 0.17]) @ waves).astype(np.float32)


def _nods(times: np.ndarray, timeline: SpeechTimeline | None) -> np.ndarray:
    """A small nod with each stressed sound, at most one at a time."""
    nods, last = np.zeros(len(times)), -NOD_SECONDS
    for phoneme in timeline.phonemes if timeline else ():
        if phoneme.stress is not Stress.PRIMARY or phoneme.start < last + NOD_SECONDS:
            continue
        last = phoneme.start
        near = slice(*np.searchsorted(times, [last - 0.1, last - 0.1 + NOD_SECONDS]))
        nods[near] += 0.5 * np.sin(np.pi * (times[near] - last + 0.1) / NOD_SECONDS) ** 2
    return nods


def _ease(x: np.ndarray) -> np.ndarray:
    return x * x * (3 - 2 * x)
