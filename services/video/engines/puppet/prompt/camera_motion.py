"""Computes where the camera looks in each frame."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array, Size
from services.video.engines.puppet.head.camera import CameraPose
from services.video.engines.puppet.prompt.parse import PromptAction
from services.video.engines.puppet.prompt.vocabulary import CameraMove as Move

# How much of which number a move changes: zoom by a factor, x and y in widths and heights, roll in radians.
ZOOM, PAN, ROLL, ORBIT, ORBIT_PAN, SHAKE = 1.22, 0.14, 0.06, 0.03, 0.04, 0.005
SHAKES_PER_SECOND = (1.1, 2.3, 4.1)
MAX_SPANS = {"zoom": 5.0, "x": 0.4, "y": 0.4, "roll": 0.2, "orbit": 0.09}
"""Largest change of each number, however often a move is asked for: there is no picture further away."""
_DIRECTIONS: dict[Move, dict[str, float]] = {
    Move.ZOOM_IN: {"zoom": 1.0},
    Move.ZOOM_OUT: {"zoom": -1.0},
    Move.PAN_LEFT: {"x": -PAN},
    Move.PAN_RIGHT: {"x": PAN},
    Move.TILT_UP: {"y": -PAN},
    Move.TILT_DOWN: {"y": PAN},
    Move.ROLL_LEFT: {"roll": -ROLL},
    Move.ROLL_RIGHT: {"roll": ROLL},
    Move.ORBIT_LEFT: {"orbit": ORBIT, "x": ORBIT_PAN},
    Move.ORBIT_RIGHT: {"orbit": -ORBIT, "x": -ORBIT_PAN},
}


@dataclass(frozen=True, slots=True)
class CameraTrack:
    """Poses of the camera, one row a frame."""

    zoom: Array
    x: Array
    y: Array
    roll: Array
    orbit: Array

    def at(self, frame: int) -> CameraPose:
        return CameraPose(
            float(self.zoom[frame]),
            float(self.x[frame]),
            float(self.y[frame]),
            float(self.roll[frame]),
            float(self.orbit[frame]),
        )


def camera_track(times: Array, actions: Iterable[PromptAction], seed: int, size: Size) -> CameraTrack:
    """Returns the poses for a picture of `size`. No edge of the picture comes into view."""
    moves = [action for action in actions if isinstance(action.kind, Move) and action.kind is not Move.STILL]
    levels = {name: np.zeros(len(times)) for name in ("zoom", "x", "y", "roll", "orbit")}
    for action in moves:
        done = _done(times, action)
        for name, change in _DIRECTIONS.get(Move(action.kind), {}).items():
            levels[name] += change * done
    for name, limit in MAX_SPANS.items():
        levels[name] *= limit / max(limit, float(np.ptp(levels[name])))
    x, y, orbit = (_centred(levels[name]) for name in ("x", "y", "orbit"))
    for number, place in enumerate((x, y)):
        place += _tremor(times, [seed, 11 + number]) * _shaking(times, moves)
    zoom = ZOOM ** (levels["zoom"] - levels["zoom"].min())
    longer = max(size) / min(size)
    needed = (1 + np.abs(levels["roll"]) * longer) / (1 - 2 * np.maximum(np.abs(x), np.abs(y)))
    return CameraTrack(zoom * max(1.0, float((needed / zoom).max())), x, y, levels["roll"], orbit)


def _done(times: Array, action: PromptAction) -> Array:
    """Returns how much of the action is done, from 0 to its amount, easing in and out during the action.

    A slow action goes less far, a fast one is done sooner.
    """
    length = (action.end - action.start) / max(1.0, action.speed)
    share = times / _duration(times)
    return action.amount * min(1.0, action.speed) * eased((share - action.start) / max(length, 1e-6))


def _shaking(times: Array, moves: list[PromptAction]) -> Array:
    share = times / _duration(times)
    total = np.zeros(len(times))
    for action in moves:
        if action.kind is Move.SHAKE:
            held = eased((share - action.start) / 0.05) * eased((action.end - share) / 0.05)
            total += action.amount * action.speed * held
    return total


def _duration(times: Array) -> float:
    """Returns the length of the video: times are those of the middles of the frames."""
    return float(times[-1] + times[0])


def _centred(level: Array) -> Array:
    """Shifts a level so that half of its way is on either side of the middle."""
    return level - (level.max() + level.min()) / 2


def _tremor(times: Array, seed: list[int]) -> Array:
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(SHAKES_PER_SECOND))
    waves = np.sin(2 * np.pi * np.outer(times, SHAKES_PER_SECOND) + phases)
    return SHAKE * (waves @ np.array([1.0, 0.6, 0.35]))
