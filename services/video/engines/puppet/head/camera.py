"""Pose of the camera: which part of the picture a frame shows."""

from dataclasses import dataclass

import numpy as np

from services.video.engines.puppet.geometry.types import Array, Size


@dataclass(frozen=True, slots=True)
class CameraPose:
    """Zoom, place and roll of the camera; with zoom 1 the picture is seen whole.

    x and y are where the middle of the view stands, from the middle of the picture, in its widths and
    heights; roll is in radians. With `orbit` the person stands that many widths further right than what is
    behind, as when the camera goes round to the left.
    """

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    roll: float = 0.0
    orbit: float = 0.0

    def seen(self, places: Array, size: Size) -> Array:
        """Converts (..., 2) pixels of the view to pixels of the picture; both are of `size`."""
        middle = (np.array(size, dtype=np.float32) - 1) / 2
        cos, sin = np.cos(self.roll) / self.zoom, np.sin(self.roll) / self.zoom
        turn = np.array([[cos, sin], [-sin, cos]], dtype=np.float32)
        shift = np.array([self.x * size[0], self.y * size[1]], dtype=np.float32)
        return np.asarray((places - middle) @ turn + (middle + shift), dtype=np.float32)

    def shown(self, places: Array, size: Size) -> Array:
        """Converts (n, 2) pixels of the picture to pixels of the view: the inverse of `seen`."""
        middle = (np.array(size, dtype=np.float32) - 1) / 2
        cos, sin = np.cos(self.roll) * self.zoom, np.sin(self.roll) * self.zoom
        turn = np.array([[cos, -sin], [sin, cos]], dtype=np.float32)
        shift = np.array([self.x * size[0], self.y * size[1]], dtype=np.float32)
        return np.asarray((places - middle - shift) @ turn + middle, dtype=np.float32)


STILL_CAMERA = CameraPose()
