"""Array types and the rectangle of pixels that every room of the puppet uses.

NumPy's types do not hold shapes; the aliases name the usual one, and docstrings say where it differs.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
"""Floating-point numbers of any shape."""
Points = Array
"""x and y: (n, 2) or (2,)."""
Track = Array
"""Rows of numbers, one a frame: (frames, columns)."""
Image = npt.NDArray[np.uint8]
"""BGR picture, (height, width, 3)."""
Plane = npt.NDArray[np.uint8]
"""Number for each pixel, (height, width)."""
Mask = npt.NDArray[np.bool_]
"""Pixels that belong to something, (height, width)."""
SoftMask = npt.NDArray[np.float32]
"""Likelihood or share for each pixel, 0 to 1, (height, width)."""
Size = tuple[int, int]
"""Width and height in pixels."""
Sides = tuple[float, float, float, float]
"""Left, top, right and bottom of a box in pixels."""
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Region:
    """Rectangle of pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def around(cls, points: Points, size: Size) -> "Region":
        """Returns the smallest even rectangle around `points` in a picture of `size`; it is not empty.

        All its numbers are even, so that it is whole in every I420 plane.
        """
        low = np.clip(np.floor(points.min(axis=0) / 2) * 2, 0, np.array(size) - 2)
        high = np.clip(np.ceil(points.max(axis=0) / 2) * 2, low + 2, size)
        (left, top), (width, height) = low, high - low
        return cls(int(left), int(top), int(width), int(height))

    def of(self, picture: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Returns the view of this rectangle in a (height, width, ...) array."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]

    def halved(self) -> "Region":
        """Returns the region's place in a plane of half the size; the region must be even."""
        return Region(self.left // 2, self.top // 2, self.width // 2, self.height // 2)

    def times(self, factor: int) -> "Region":
        return Region(self.left * factor, self.top * factor, self.width * factor, self.height * factor)

    def moved(self, right: int, down: int) -> "Region":
        return Region(self.left + right, self.top + down, self.width, self.height)

    def grown(self, margin: int, size: Size) -> "Region":
        """Returns the rectangle `margin` pixels larger on every side, but not beyond a picture of `size`."""
        left, top = max(0, self.left - margin), max(0, self.top - margin)
        right = min(size[0], self.left + self.width + margin)
        bottom = min(size[1], self.top + self.height + margin)
        return Region(left, top, right - left, bottom - top)

    def pixel_grid(self) -> tuple[Array, Array]:
        """Returns x and y in the picture of every pixel of the region, each (height, width)."""
        x = np.arange(self.left, self.left + self.width, dtype=np.float32)
        y = np.arange(self.top, self.top + self.height, dtype=np.float32)
        grid_x, grid_y = np.meshgrid(x, y)
        return grid_x, grid_y
