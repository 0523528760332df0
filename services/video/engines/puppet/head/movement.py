"""Moves the head, and with a camera everything, from the canvas into the frames."""

from dataclasses import replace

import cv2
import numpy as np

from services.video.engines.puppet.frames.canvas import Canvas
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.grid import STEP, Grid
from services.video.engines.puppet.geometry.types import Array, Mask, Plane, Region, Size
from services.video.engines.puppet.head.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.head.pose import Head, HeadPose
from services.video.engines.puppet.head.tracked_points import TrackedPoints

MAX_MOVEMENT, MIN_MOVEMENT = 0.05, 0.1
"""Largest movement of a head in face heights, and smallest visible one in pixels."""
MAX_SMOOTH_PIXELS = 500_000
BAND_ROWS = 256
COLOUR_PAIR = 4, 2
"""Pixels across and down that a pair of colours covers."""
LEFT_OF_PAIR = np.array([1.5, 0.5], dtype=np.float32)
"""Offset from the middle of a pair to its left colour, which is half a pixel left of it in halved planes."""


class Movement:
    """Writes the head and what is around it into frames, or everything if the camera moves.

    It is done in bands of rows, each as wide as what moves in it.
    """

    def __init__(
        self,
        face: Face,
        size: Size,
        person: Mask | None = None,
        *,
        bounds: Region | None = None,
        smooth: bool = True,
        camera_moves: bool = False,
    ) -> None:
        """Prepares the movement of one face.

        `person` is (height, width), or `None` if it is unknown: what is not the person stays still.

        `bounds` is where the portrait is, if not everywhere: the head does not move its edges.

        `smooth` samples the brightness sharply, in regions that are small enough for the time it takes.
        """
        whole = Region(0, 0, *size)
        self._head = head = Head(face, bounds or whole, person)
        self._size = size
        region = whole if camera_moves else Region.around(head.reach(), size)
        self._grid = grid = Grid(region)
        self._fields = _fields(head, grid.nodes, size)
        self._bands = _bands(region) if camera_moves else _moving_bands(head, grid, region)
        small = sum(band.width * band.height for band in self._bands) <= MAX_SMOOTH_PIXELS
        self._method = cv2.INTER_CUBIC if smooth and small else cv2.INTER_LINEAR

    def draw(self, still: Canvas, frame: Planes, pose: HeadPose, camera: CameraPose = STILL_CAMERA) -> None:
        """Writes whatever may move into `frame`, as `still` shows it after the movement."""
        places = self._places(pose, camera)
        lefts = (places - LEFT_OF_PAIR) / 2
        for band in self._bands:
            inside = frame.of(band)
            x, y = self._grid.enlarged(places, band, (1, 1))
            for source, target in zip(still.planes.full, inside.full, strict=True):
                _look_up(source, target, x, y, self._method)
            still.colours.look_up(*self._grid.enlarged(lefts, band, COLOUR_PAIR), inside)

    def track(self, points: Array) -> TrackedPoints:
        """Returns (n, 2) places of the canvas as points that can be found in any pose."""
        return TrackedPoints(points, _fields(self._head, points[None], self._size)[:, 0], self._size)

    def _places(self, pose: HeadPose, camera: CameraPose) -> Array:
        """Returns where what is seen at each node comes from, (rows, columns, 2)."""
        amounts = np.append(pose.amounts(), np.float32(camera.orbit))
        moved = np.einsum("a,arcd->rcd", amounts, self._fields)
        if camera == STILL_CAMERA:
            return self._grid.nodes - moved
        seen = camera.seen(self._grid.nodes, self._size)
        return seen - self._grid.at(moved, seen)


def _fields(head: Head, nodes: Array, size: Size) -> Array:
    """Returns the fields of the head, and that of a camera that goes round it, (6, rows, columns, 2)."""
    beside = head.on_person(nodes)[:, :, None] * np.array([size[0], 0], dtype=np.float32)
    return np.concatenate([head.fields(nodes), beside[None]]).astype(np.float32)


def _bands(region: Region) -> list[Region]:
    return [
        replace(region, top=top, height=min(BAND_ROWS, region.top + region.height - top))
        for top in range(region.top, region.top + region.height, BAND_ROWS)
    ]


def _moving_bands(head: Head, grid: Grid, region: Region) -> list[Region]:
    """Returns the bands that a natural movement of the head moves by more than can be seen."""
    moves = head.weight(grid.nodes) * MAX_MOVEMENT * head.height > MIN_MOVEMENT
    bands: list[Region] = []
    for band in _bands(region):
        columns = np.flatnonzero(moves[grid.around(band)].any(axis=0))
        if len(columns):
            left = max(region.left, region.left + (int(columns[0]) - 2) * STEP)
            right = min(region.left + region.width, region.left + (int(columns[-1]) + 1) * STEP)
            bands.append(replace(band, left=left, width=right - left))
    return bands


def _look_up(source: Plane, target: Plane, x: Array, y: Array, method: int) -> None:
    # Both maps must be float32: OpenCV 5.0.0.93 never returns from `remap` with a float64 second map.
    cv2.remap(source, x, y, method, dst=target, borderMode=cv2.BORDER_REPLICATE)
