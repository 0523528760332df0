"""Points of the canvas, and where they are seen in a frame."""

import numpy as np

from services.video.engines.puppet.geometry.types import Array, Size
from services.video.engines.puppet.head.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.head.pose import HeadPose


class TrackedPoints:
    """Points with their fields of movement.

    `fields` is (6, n, 2): how far each unit of movement moves the points, as in `Movement`.
    """

    def __init__(self, points: Array, fields: Array, size: Size) -> None:
        self._points, self._fields, self._size = points, fields, size

    def at(self, pose: HeadPose, camera: CameraPose = STILL_CAMERA) -> Array:
        """Returns the points in pixels of the frame, (n, 2).

        They are exact where movements are small against the head.
        """
        amounts = np.append(pose.amounts(), np.float32(camera.orbit))
        moved = self._points + np.tensordot(amounts, self._fields, axes=1)
        return moved if camera == STILL_CAMERA else camera.shown(moved, self._size)
