"""Adds gestures to the tracks of lips, eyes and head."""

from collections.abc import Callable

import numpy as np

from services.video.engines.puppet.eyes.pose import EYE_COLUMNS
from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array, Track
from services.video.engines.puppet.motion.blinks import BLINK_SECONDS, Blink, lid_track
from services.video.engines.puppet.motion.gesture import Gesture, GestureKind
from services.video.engines.puppet.motion.head_motion import HeadTrack
from services.video.engines.puppet.mouth.lip_pose import COLUMNS

EASE_SECONDS = 0.35
NODS_PER_SECOND, SHAKES_PER_SECOND, SWAYS_PER_SECOND, BREATHS_PER_SECOND = 1.3, 1.5, 0.3, 0.3
Kind = GestureKind


class GestureTracks:
    """Tracks of one performance; `apply` changes them in place."""

    def __init__(self, times: Array, lips: Track, eyes: Track, head: HeadTrack) -> None:
        self._times, self._lips, self._eyes, self._head = times, lips, eyes, head

    def apply(self, gesture: Gesture) -> None:
        """Adds what the gesture does to the tracks."""
        held = gesture.amount * held_track(self._times, gesture.start, gesture.end)
        _EFFECTS[gesture.kind](self, gesture, held.astype(np.float32))

    def eyes(self, name: str, change: Array) -> None:
        self._eyes[:, EYE_COLUMNS[name]] += change

    def lips(self, name: str, change: Array) -> None:
        self._lips[:, COLUMNS[name]] += change

    def turn(self, change: Array) -> None:
        self._head.turn[:] += change

    def turn_to(self, place: Array, share: Array) -> None:
        """Turns the head to a place, whichever way it has turned by itself, as far as `share` is one."""
        self._head.turn[:] += place - np.minimum(share, 1) * self._head.turn

    def nod(self, change: Array) -> None:
        self._head.nod[:] += change

    def lean(self, change: Array) -> None:
        self._head.lean[:] += change

    def shift(self, across: Array, down: Array) -> None:
        self._head.shift[:] += np.stack([across, down], axis=1)

    def wave(self, gesture: Gesture, per_second: float) -> Array:
        """Returns a swing that begins with the gesture, between -1 and 1."""
        return np.sin(2 * np.pi * per_second * (self._times - gesture.start)).astype(np.float32)

    def blink(self, gesture: Gesture) -> Array:
        """Returns one blink in the middle of the gesture."""
        start = (gesture.start + gesture.end - BLINK_SECONDS) / 2
        return lid_track(self._times, [Blink(start)]) * np.float32(min(1.0, gesture.amount))


def held_track(times: Array, start: float, end: float) -> Array:
    """Returns one from `start` to `end`, eased in and out within it; a short one does not reach one."""
    ease = min(EASE_SECONDS, max(1e-3, (end - start) / 2))
    return eased((times - start) / ease) * eased((end - times) / ease)


GestureEffect = Callable[[GestureTracks, Gesture, Array], None]


def _nod(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    tracks.nod(3.0 * held * tracks.wave(gesture, NODS_PER_SECOND))


def _shake(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    tracks.turn(3.5 * held * tracks.wave(gesture, SHAKES_PER_SECOND))


def _sway(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    wave = held * tracks.wave(gesture, SWAYS_PER_SECOND)
    tracks.lean(0.035 * wave)
    tracks.shift(0.02 * wave, 0 * wave)


def _breathe(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    wave = held * tracks.wave(gesture, BREATHS_PER_SECOND)
    tracks.shift(0 * wave, -0.01 * wave)
    tracks.nod(-0.3 * wave)


def _turn(side: float) -> GestureEffect:
    def turn(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
        tracks.turn_to(4.5 * side * held, held)
        tracks.eyes("look_x", 0.3 * side * held)

    return turn


def _look(across: float, down: float) -> GestureEffect:
    def look(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
        tracks.eyes("look_x", 0.9 * across * held)
        tracks.eyes("look_y", 0.9 * down * held)
        tracks.turn(0.8 * across * held)
        tracks.nod(0.8 * down * held)

    return look


def _blink(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    for name in ("shut_left", "shut_right"):
        tracks.eyes(name, tracks.blink(gesture))


def _wink(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    tracks.eyes("shut_right", tracks.blink(gesture))
    tracks.eyes("squint", 0.4 * tracks.blink(gesture))


def _close_eyes(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    for name in ("shut_left", "shut_right"):
        tracks.eyes(name, held)


def _smile(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    tracks.lips("smile", held)
    tracks.eyes("squint", 0.5 * held)


def _frown(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    tracks.lips("smile", -0.6 * held)
    tracks.eyes("knit", held)
    tracks.eyes("brows", -0.4 * held)


def _open_mouth(tracks: GestureTracks, gesture: Gesture, held: Array) -> None:
    tracks.lips("open", 0.25 * held)
    tracks.lips("jaw", 0.18 * held)


_EFFECTS: dict[GestureKind, GestureEffect] = {
    Kind.NOD: _nod,
    Kind.SHAKE: _shake,
    Kind.SWAY: _sway,
    Kind.TILT_HEAD: lambda tracks, gesture, held: tracks.lean(0.06 * held),
    Kind.TURN_LEFT: _turn(-1),
    Kind.TURN_RIGHT: _turn(1),
    Kind.LOOK_LEFT: _look(-1, 0),
    Kind.LOOK_RIGHT: _look(1, 0),
    Kind.LOOK_UP: _look(0, -1),
    Kind.LOOK_DOWN: _look(0, 1),
    Kind.BREATHE: _breathe,
    Kind.BLINK: _blink,
    Kind.WINK: _wink,
    Kind.CLOSE_EYES: _close_eyes,
    Kind.OPEN_MOUTH: _open_mouth,
    Kind.SMILE: _smile,
    Kind.FROWN: _frown,
    Kind.RAISE_BROWS: lambda tracks, gesture, held: tracks.eyes("brows", held),
}
