"""Generates the motion of a head without gestures: it drifts, breathes and goes with the speech. Seeded."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.chassis.engine_api.timeline import SpeechTimeline, Stress
from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array
from services.video.engines.puppet.motion.prosody import Phrase, nod_track, phrases

BREATHS_PER_SECOND, BREATH = 0.24, 0.0035
STILLNESS, SETTLE_SECONDS = 0.2, 0.3
"""How fast a head that listens drifts against one that speaks, and how long it takes to get there."""
TURN, MAX_TURN, BACK = 2.8, 4.8, -0.25
TURN_SECONDS, SECONDS_A_TURN, TURN_BEFORE = (0.45, 0.9), 0.09, 0.15
MIN_TURN_REST, TURN_AGAIN = 0.9, 1.6


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
    """Returns the motion; `motion` is how lively the head is in each frame, 1 for as usual.

    The head turns where phrases begin, and in pauses it is nearly still.
    """
    random = np.random.default_rng([seed, 2])
    spoken = phrases(timeline)
    drifting = _slowed_in_pauses(times, spoken)
    nod = 0.45 * _drift(drifting, random) + nod_track(times, timeline, seed)
    sideways, updown = _drift(drifting, random), _drift(drifting, random)
    shift = np.stack([0.008 * sideways, 0.004 * updown], axis=1) * motion[:, None]
    shift[:, 1] += breath_track(times, random)
    turn = _drift(drifting, random) + _turn_track(times, spoken, random)
    return HeadTrack(
        turn=(turn * motion).astype(np.float32),
        nod=(nod * motion).astype(np.float32),
        lean=(0.016 * _drift(drifting, random) * motion).astype(np.float32),
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


def _slowed_in_pauses(times: Array, spoken: list[Phrase]) -> Array:
    """Returns times that pass slowly between phrases: what moves by them is nearly still there."""
    if not spoken or not len(times):
        return times
    speaking = np.zeros(len(times))
    for phrase in spoken:
        inside = np.minimum(times - phrase[0].start, phrase[-1].end - times)
        speaking = np.maximum(speaking, eased(inside / SETTLE_SECONDS + 1))
    steps = np.diff(times, prepend=times[0]) * (STILLNESS + (1 - STILLNESS) * speaking)
    return times[0] + np.cumsum(steps)


def _turn_track(times: Array, spoken: list[Phrase], random: np.random.Generator) -> Array:
    """Returns turns: to another place where a phrase begins, and in long ones with a stressed sound."""
    track, place, last = np.zeros(len(times)), 0.0, -MIN_TURN_REST
    for start in _turning_points(spoken):
        if start < last + MIN_TURN_REST:
            continue
        aim = float(np.clip(random.normal(BACK * place, TURN), -MAX_TURN, MAX_TURN))
        seconds = float(random.uniform(*TURN_SECONDS)) + SECONDS_A_TURN * abs(aim - place)
        track += (aim - place) * eased((times - start + TURN_BEFORE) / seconds)
        place, last = aim, start
    return track.astype(np.float32)


def _turning_points(spoken: list[Phrase]) -> Iterator[float]:
    for phrase in spoken:
        yield phrase[0].start
        last = phrase[0].start
        for phoneme in phrase:
            if phoneme.stress is Stress.PRIMARY and phoneme.start > last + TURN_AGAIN:
                last = phoneme.start
                yield last
