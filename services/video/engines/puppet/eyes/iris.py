"""Moves the iris of one eye within its lids."""

import cv2
import numpy as np

from services.video.engines.puppet.eyes.pose import EyesPose
from services.video.engines.puppet.geometry.face import EyeOutline
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Region

MAX_ASIDE, MAX_DOWN = 0.17, 0.07


class Iris:
    """Iris of one eye, which slides behind the lids.

    It moves wholly in the middle of the eye, not at all at its rims.
    """

    def __init__(self, eye: EyeOutline, region: Region) -> None:
        """Measures the eye; `region` is that of the maps to be changed."""
        self._frame = FeatureFrame.between(eye.lid[0], eye.lid[-1])
        outline = np.concatenate([eye.lid, eye.underlid[::-1]])
        u, _ = self._frame.coordinates(region)
        across = np.clip(1 - (2 * u) ** 2, 0, 1) ** 0.7
        self._weight = (across * _inside(outline, region, self._frame.unit)).astype(np.float32)

    def look(self, x: Array, y: Array, pose: EyesPose) -> None:
        """Changes the maps `x` and `y` of the region in place, so that the eye looks as in `pose`."""
        (cos, sin), unit = self._frame.axis, self._frame.unit
        aside, down = MAX_ASIDE * pose.look_x * unit, MAX_DOWN * pose.look_y * unit
        x -= self._weight * np.float32(aside * cos - down * sin)
        y -= self._weight * np.float32(aside * sin + down * cos)


def _inside(outline: Array, region: Region, unit: float) -> Array:
    mask = np.zeros((region.height, region.width), dtype=np.uint8)
    cv2.fillPoly(mask, [np.round(outline - np.array([region.left, region.top])).astype(np.int32)], 255)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.02 * unit)), dtype=np.float32) / 255
