"""Moves the head a little while the background stays where it is."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.face import Face
from services.video.engines.puppet.feature_frame import Array, Region
from services.video.engines.puppet.i420 import I420Picture, Plane
from services.video.engines.puppet.resampling import looked_up

STEP = 8
TURN, NOD, WHOLE_HEAD = 0.014, 0.012, 0.35
STILL_BORDER = 0.3
SNUG, LOOSE = 0.03, 0.15
LEAST_WEIGHT = 1e-3


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Turn and nod about -1 to 1, lean in radians, shifts in face heights."""

    turn: float
    nod: float
    lean: float
    shift_x: float
    shift_y: float


class Head:
    """Fields of movement on a coarse grid, one for each number of a `HeadPose`, added up for each frame.

    The movement is whole on the head, fades out around it, and is nothing at the edges of the picture.
    """

    def __init__(
        self,
        face: Face,
        size: tuple[int, int],
        person: npt.NDArray[np.bool_] | None = None,
        *,
        smooth: bool = True,
    ) -> None:
        """`person` is (height, width): what is not the person stays still, where that is known.

        `smooth` samples the brightness sharply; it is worth its time where pixels are not enlarged.
        """
        self._smooth = smooth
        left, top, right, bottom = face.box
        self._width, self._height = right - left, bottom - top
        self._middle = np.array([(left + right) / 2, (top + bottom) / 2], dtype=np.float32)
        self._size, self._person = size, person
        self.region = self._reach()
        self.region = self._trimmed(self._nodes())
        self._identity = self._nodes()
        weight = self._weight(self._identity)[:, :, None]
        fields = [field * weight for field in self._unit_fields(self._identity)]
        self._fields = np.stack(fields).astype(np.float32)

    def move(self, still: I420Picture, moved: I420Picture, pose: HeadPose) -> None:
        """Writes the region of `moved` with what `still` shows there after the movement."""
        amounts = np.array([pose.turn, pose.nod, pose.lean, pose.shift_x, pose.shift_y], dtype=np.float32)
        luma = self._identity - np.tensordot(amounts, self._fields, axes=1)
        self._move_planes(still.planes[:1], moved.planes[:1], luma, 1)
        self._move_planes(still.planes[1:], moved.planes[1:], (luma - 0.5) / 2, 2)

    def _move_planes(
        self, still: tuple[Plane, ...], moved: tuple[Plane, ...], nodes: Array, shrink: int
    ) -> None:
        """`nodes` says where the grid's nodes come from, in pixels of these planes."""
        x, y = self._enlarged(nodes[:, :, 0], shrink), self._enlarged(nodes[:, :, 1], shrink)
        top, left = self.region.top // shrink, self.region.left // shrink
        for source, target in zip(still, moved, strict=True):
            part = target[top : top + x.shape[0], left : left + x.shape[1]]
            part[:] = looked_up(source, x, y, smooth=self._smooth and shrink == 1)

    def _enlarged(self, nodes: Array, shrink: int) -> Array:
        """The grid at every pixel of the region; one node stands outside on every side."""
        step = STEP // shrink
        rows, columns = nodes.shape
        full = cv2.resize(nodes, (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
        height, width = self.region.height // shrink, self.region.width // shrink
        return np.asarray(full[step : step + height, step : step + width], dtype=np.float32)

    def _nodes(self) -> Array:
        """(rows, columns, 2): x and y of the grid's nodes, which stand in the middle of their cells."""
        region = self.region
        columns, rows = -(-region.width // STEP) + 2, -(-region.height // STEP) + 2
        x = region.left + (np.arange(columns) - 0.5) * STEP - 0.5
        y = region.top + (np.arange(rows) - 0.5) * STEP - 0.5
        return np.stack(np.meshgrid(x, y), axis=2).astype(np.float32)

    def _reach(self) -> Region:
        (x, y), height, width = self._middle, self._height, self._width
        corners = np.array(
            [(x - 1.35 * width, y - 1.89 * height), (x + 1.35 * width, y + 1.19 * height)], dtype=np.float32
        )
        return Region.around(corners, self._size)

    def _trimmed(self, nodes: Array) -> Region:
        """The part of the region that moves at all."""
        moving = nodes[self._weight(nodes) > LEAST_WEIGHT]
        if not len(moving):
            return self.region
        return Region.around(np.concatenate([moving - STEP, moving + STEP]), self._size)

    def _weight(self, nodes: Array) -> Array:
        """One on the head with its hair, nothing beyond 1.8 times its size and at the picture's edges."""
        offset = nodes - self._middle
        semi_height = np.where(offset[:, :, 1] < 0, 1.05, 0.66) * self._height
        distance = np.hypot(offset[:, :, 0] / (0.75 * self._width), offset[:, :, 1] / semi_height)
        last = np.array(self._size, dtype=np.float32) - 1
        edge = np.minimum(nodes, last - nodes).min(axis=2) / (STILL_BORDER * self._height)
        weight = (1 - _smooth((distance - 1) / 0.8)) * _smooth(edge)
        return weight if self._person is None else weight * self._on_person(nodes, self._person)

    def _on_person(self, nodes: Array, person: npt.NDArray[np.bool_]) -> Array:
        """One on the person, nothing a little way off, so that what is behind hardly stretches."""
        away = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 3) / self._height
        x, y = np.moveaxis(np.clip(nodes, 0, np.array(self._size) - 1).astype(int), 2, 0)
        return 1 - _smooth(np.asarray(away[y, x] - SNUG, dtype=np.float32) / LOOSE)

    def _unit_fields(self, nodes: Array) -> list[Array]:
        """Turning and nodding move what is near the nose more than the rim of the head."""
        offset = nodes - self._middle
        across, down = offset[:, :, 0] / (0.5 * self._width), offset[:, :, 1] / (0.6 * self._height)
        dome = np.exp(-(across**2 + down**2))
        depth = WHOLE_HEAD + (1 - WHOLE_HEAD) * dome
        none, one = np.zeros_like(dome), np.ones_like(dome)
        below_chin = offset - np.array([0, 0.9 * self._height], dtype=np.float32)
        fields = [
            (TURN * self._height * depth, none),
            (none, NOD * self._height * depth),
            (-below_chin[:, :, 1], below_chin[:, :, 0]),
            (self._height * one, none),
            (none, self._height * one),
        ]
        return [np.stack(field, axis=2).astype(np.float32) for field in fields]


def _smooth(x: Array) -> Array:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
