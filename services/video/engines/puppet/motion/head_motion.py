"""Generates the motion of a head without gestures: it drifts, breathes and goes with the speech. Seeded."""

from dataclasses import dataclass

import numpy as np

from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.puppet.geometry.types import Array
from services.video.engines.puppet.motion.prosody import nod_track

BREATHS_PER_SECOND, BREATH = 0.24, 0.0035


@dataclass(frozen=True, slots=True)
class HeadTrack:
    """Motion of the head, one value a frame: turn and nod about -1 to 1 of what is natural, lean in radians.

    `shift` is (frames, 2), in face heights.
    """

    turn: Array
    nod: Array
    lean: Array
    shift: Array


def head_track(times: Array, timeline: SpeechTimeline | None, seed: int, motion: Array) -> HeadTrack:
    """Returns the motion; `motion` is how lively the head is in each frame, 1 for as usual."""
    random = np.random.default_rng([seed, 2])
    nod = 0.45 * _drift(times, random) + nod_track(times, timeline)
    sideways, updown = _drift(times, random), _drift(times, random)
    shift = np.stack([0.008 * sideways, 0.004 * updown], axis=1) * motion[:, None]
    shift[:, 1] += breath_track(times, random)
    return HeadTrack(
        turn=(_drift(times, random) * motion).astype(np.float32),
        nod=(nod * motion).astype(np.float32),
        lean=(0.016 * _drift(times, random) * motion).astype(np.float32),
        shift=shift.astype(np.float32),
    )


def breath_track(times: Array, random: np.random.Generator) -> Array:
    """Returns what breathing does to the height of the head, in face heights."""
    turn = 2 * np.pi * (BREATHS_PER_SECOND * times + random.random())
    return (-BREATH * (np.sin(turn) + 0.25 * np.sin(2 * turn))).astype(np.float32)


def _drift(times: Array, random: np.random.Generator) -> Array:
    """Returns a slow movement that never repeats, within -1 to 1."""
    slow = random.uniform([0.07, 0.17, 0.33], [0.13, 0.27, 0.5])
    phase = random.uniform(0, 2 * np.pi, 3)
    waves = np.sin(2 * np.pi * slow[:, None] * times + phase[:, None])
    return (np.array([0.5, 0.33, 0.17]) @ waves).astype(np.float32)
