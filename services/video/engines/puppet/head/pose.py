"""Movement of the head, as fields of displacement that are added up."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Array, Mask, Region

TURN, NOD, WHOLE_HEAD = 0.014, 0.012, 0.35
RIM, GUESSED_END, GUESSED_RIM = 0.2, 1.05, 0.45
"""Width inside of the rim over which a turn fades, in face heights; for a rim that is not known, where it
ends, and its width, both in sizes of a head with its hair."""
STILL_BORDER = 0.3
WHOLE_BEFORE_RIM, FADE = 0.1, 0.15
"""Distance inside of its rim where a person begins to move less, and width of the fade, in face heights."""
COARSE = 4


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Pose of the head: turn and nod about -1 to 1, lean in radians, shifts in face heights."""

    turn: float
    nod: float
    lean: float
    shift_x: float
    shift_y: float

    def amounts(self) -> Array:
        return np.array([self.turn, self.nod, self.lean, self.shift_x, self.shift_y], dtype=np.float32)


class Head:
    """Fields of one head: whole on the head, fading around it, and zero at the portrait's edges."""

    def __init__(self, face: Face, bounds: Region, person: Mask | None = None) -> None:
        """Measures the head. `bounds` is where the portrait is.

        `person` is (height, width) of the whole picture; if it is known, what is not the person stays still.
        """
        left, top, right, bottom = face.box
        self._width, self.height = right - left, bottom - top
        self._middle = np.array([(left + right) / 2, (top + bottom) / 2], dtype=np.float32)
        self._bounds = bounds
        self._away = None if person is None else _away_from(person) / self.height

    def reach(self) -> Array:
        """Returns two corners of what may move, (2, 2)."""
        (x, y), height, width = self._middle, self.height, self._width
        return np.array(
            [(x - 1.35 * width, y - 1.89 * height), (x + 1.35 * width, y + 1.19 * height)], dtype=np.float32
        )

    def fields(self, nodes: Array) -> Array:
        """Returns pixels of movement at the nodes for each `HeadPose` number, (5, rows, columns, 2)."""
        weight = self.weight(nodes)
        turning = weight * self._turning(nodes)
        weights = (turning, turning, weight, weight, weight)
        pairs = zip(self._unit_fields(nodes), weights, strict=True)
        return np.stack([field * each[:, :, None] for field, each in pairs]).astype(np.float32)

    def weight(self, nodes: Array) -> Array:
        """Returns one on the head with its hair, zero beyond 1.8 times its size and at the bounds' edges."""
        bounds = self._bounds
        first = np.array([bounds.left, bounds.top], dtype=np.float32)
        last = first + np.array([bounds.width, bounds.height], dtype=np.float32) - 1
        edge = np.minimum(nodes - first, last - nodes).min(axis=2) / (STILL_BORDER * self.height)
        return (1 - eased((self._distance(nodes) - 1) / 0.8)) * eased(edge) * self.on_person(nodes)

    def _distance(self, nodes: Array) -> Array:
        """Returns how far nodes are from the middle of the head: one at its rim, hair and all."""
        offset = nodes - self._middle
        semi_height = np.where(offset[:, :, 1] < 0, 1.05, 0.66) * self.height
        return np.hypot(offset[:, :, 0] / (0.75 * self._width), offset[:, :, 1] / semi_height)

    def on_person(self, nodes: Array) -> Array:
        """Returns one on the person, less at its rim, and zero a little way off.

        So what is behind the person hardly stretches.
        """
        away = self._away_at(nodes)
        if away is None:
            return np.ones(nodes.shape[:2], dtype=np.float32)
        return 1 - eased((away + WHOLE_BEFORE_RIM) / FADE)

    def _away_at(self, nodes: Array) -> Array | None:
        """Returns how far nodes are outside of the person, in face heights, below zero inside."""
        if self._away is None:
            return None
        last = np.array(self._away.shape[::-1]) - 1
        x, y = np.moveaxis(np.clip(nodes / COARSE, 0, last).astype(int), 2, 0)
        return self._away[y, x]

    def _turning(self, nodes: Array) -> Array:
        """Returns how much of a turn or a nod is seen: none at the person's rim.

        A round head that turns keeps its outline, so that what is behind it stays as it is.
        """
        away = self._away_at(nodes)
        if away is None:
            return eased((GUESSED_END - self._distance(nodes)) / GUESSED_RIM)
        return eased(-away / RIM)

    def _unit_fields(self, nodes: Array) -> list[Array]:
        """Returns the fields before they are weighted.

        Turning and nodding move what is near the nose more than the rim of the head.
        """
        offset = nodes - self._middle
        across, down = offset[:, :, 0] / (0.5 * self._width), offset[:, :, 1] / (0.6 * self.height)
        dome = np.exp(-(across**2 + down**2))
        depth = WHOLE_HEAD + (1 - WHOLE_HEAD) * dome
        none, one = np.zeros_like(dome), np.ones_like(dome)
        below_chin = offset - np.array([0, 0.9 * self.height], dtype=np.float32)
        fields = [
            (TURN * self.height * depth, none),
            (none, NOD * self.height * depth),
            (-below_chin[:, :, 1], below_chin[:, :, 0]),
            (self.height * one, none),
            (none, self.height * one),
        ]
        return [np.stack(field, axis=2).astype(np.float32) for field in fields]


def _away_from(person: Mask) -> Array:
    """Returns the distance to the person, every `COARSE` pixels; inside, that to its rim, below zero."""
    coarse = person[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE]
    outside, inside = (
        np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)
        for mask in (~coarse, coarse)
    )
    return (outside - inside) * COARSE
