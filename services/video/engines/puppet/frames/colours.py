"""Resamples the colours of a picture, U and V at half its size, both at once."""

import cv2
import numpy as np

from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Array, Plane, Region


class Colours:
    """Colours of a picture, each pixel stored with its neighbour to the right as four numbers: U, V, U, V.

    OpenCV looks four numbers up as fast as one, and neighbours come from places next to each other.
    """

    def __init__(self, picture: Planes) -> None:
        """Copies the colours of `picture`; later changes to it must be announced by `update`."""
        self._u, self._v = picture.halved
        self._pairs = np.empty((*self._u.shape, 4), dtype=np.uint8)
        self.update(Region(0, 0, *picture.size))

    def update(self, changed: Region) -> None:
        """Copies a rectangle of the picture that has changed; all its numbers are even."""
        half = changed.halved()
        rows, left, right = slice(half.top, half.top + half.height), half.left, half.left + half.width
        left = max(0, left - 1)
        u, v = (_with_neighbour(plane[rows], right)[:, left:] for plane in (self._u, self._v))
        cv2.merge([u[:, :-1], v[:, :-1], u[:, 1:], v[:, 1:]], dst=self._pairs[rows, left:right])

    def look_up(self, x: Array, y: Array, target: Planes) -> None:
        """Fills U and V of `target` in pairs; (x, y), each (height, pairs), is where the left one is from.

        A pair without a right place in the target has its right one left out.
        """
        found = cv2.remap(self._pairs, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        both = found.reshape(len(found), -1, 2)[:, : target.u.shape[1]]
        for channel, plane in enumerate(target.halved):
            cv2.extractChannel(both, channel, dst=plane)


def _with_neighbour(plane: Plane, width: int) -> Plane:
    """Returns the first `width` columns and one more; where there is none, the last is repeated."""
    if width < plane.shape[1]:
        return plane[:, : width + 1]
    return np.asarray(cv2.copyMakeBorder(plane, 0, 0, 0, 1, cv2.BORDER_REPLICATE), dtype=np.uint8)
