"""Moves the head, and with a camera everything, from the canvas into the frames."""

import cv2
import numpy as np

from services.video.engines.puppet.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.face import Face
from services.video.engines.puppet.feature_frame import Array, Region
from services.video.engines.puppet.grid import STEP, Grid
from services.video.engines.puppet.head import Head, HeadPose, Mask
from services.video.engines.puppet.planes import Plane, Planes

LARGEST_MOVEMENT, LEAST_MOVEMENT = 0.05, 0.06
"""In face heights, and in pixels."""
LARGEST_SMOOTH = 500_000


class Movement:
    """Only `region` is ever written: the head and what is around it, or all if the camera moves."""

    def __init__(
        self,
        face: Face,
        size: tuple[int, int],
        person: Mask | None = None,
        *,
        bounds: Region | None = None,
        smooth: bool = True,
        camera_moves: bool = False,
    ) -> None:
        """`person` is (height, width): what is not the person stays still, where that is known.

        `bounds` is where the portrait is, if not everywhere: the head does not move its edges.
        `smooth` samples the brightness sharply, in regions that are small enough for the time it takes.
        """
        self._size = size
        whole = Region(0, 0, *size)
        head = Head(face, bounds or whole, person)
        self.region = whole if camera_moves else _moving(head, size)
        self._grid = Grid(self.region)
        fields = head.fields(self._grid.nodes)
        beside = head.on_person(self._grid.nodes)[:, :, None] * np.array([size[0], 0], dtype=np.float32)
        self._fields = np.concatenate([fields, beside[None]]).astype(np.float32)
        small = self.region.width * self.region.height <= LARGEST_SMOOTH
        self._method = cv2.INTER_CUBIC if smooth and small else cv2.INTER_LINEAR

    def draw(self, still: Planes, frame: Planes, pose: HeadPose, camera: CameraPose = STILL_CAMERA) -> None:
        """Writes the region of `frame` with what `still` shows there after the movement."""
        places = self._places(pose, camera)
        inside = frame.of(self.region)
        x, y = self._grid.enlarged(places, 1)
        for source, target in zip(still.full, inside.full, strict=True):
            _look_up(source, target, x, y, self._method)
        x, y = self._grid.enlarged(places, 2)
        for source, target in zip(still.halved, inside.halved, strict=True):
            _look_up(source, target, x, y, cv2.INTER_LINEAR)

    def _places(self, pose: HeadPose, camera: CameraPose) -> Array:
        """Where what is seen at each node comes from."""
        amounts = np.append(pose.amounts(), np.float32(camera.orbit))
        moved = np.tensordot(amounts, self._fields, axes=1)
        if camera == STILL_CAMERA:
            return self._grid.nodes - moved
        seen = camera.seen(self._grid.nodes, self._size)
        return seen - self._grid.at(moved, seen)


def _moving(head: Head, size: tuple[int, int]) -> Region:
    """What a natural movement of the head moves by more than can be seen."""
    grid = Grid(Region.around(head.reach(), size))
    nodes = grid.nodes[head.weight(grid.nodes) * LARGEST_MOVEMENT * head.height > LEAST_MOVEMENT]
    if not len(nodes):
        return grid.region
    return Region.around(np.concatenate([nodes - STEP, nodes + STEP]), size)


def _look_up(source: Plane, target: Plane, x: Array, y: Array, method: int) -> None:
    # Both maps must be float32: OpenCV 5.0.0.93 never returns from `remap` with a float64 second map.
    cv2.remap(source, x, y, method, dst=target, borderMode=cv2.BORDER_REPLICATE)
