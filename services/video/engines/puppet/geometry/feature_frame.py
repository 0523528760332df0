"""A coordinate frame laid on a feature of the face: u runs along it, v down across it."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.geometry.face import Points

Array = npt.NDArray[np.floating[Any]]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class FeatureFrame:
    """`unit` pixels make one u or v; `axis` is the direction of u in the picture, of length one."""

    origin: tuple[float, float]
    axis: tuple[float, float]
    unit: float

    @classmethod
    def between(cls, left: Points, right: Points) -> "FeatureFrame":
        """From u = -0.5 at `left` to u = 0.5 at `right`."""
        span = right.astype(np.float64) - left
        unit = max(float(np.hypot(*span)), 1.0)
        middle = (left.astype(np.float64) + right) / 2
        axis = span / unit if span.any() else np.array([1.0, 0.0])
        return cls((float(middle[0]), float(middle[1])), (float(axis[0]), float(axis[1])), unit)

    def uv(self, points: Points) -> Array:
        """(n, 2) pixels to (n, 2) u and v."""
        (x, y), (cos, sin) = self.origin, self.axis
        moved = (points - np.array([x, y])) / self.unit
        return np.stack(
            [moved[:, 0] * cos + moved[:, 1] * sin, moved[:, 1] * cos - moved[:, 0] * sin], axis=1
        ).astype(np.float32)

    def pixels(self, uv: Array) -> Points:
        """The inverse of `uv`."""
        (x, y), (cos, sin) = self.origin, self.axis
        u, v = uv[:, 0] * self.unit, uv[:, 1] * self.unit
        return np.stack([x + u * cos - v * sin, y + u * sin + v * cos], axis=1).astype(np.float32)

    def coordinates(self, region: "Region") -> tuple[Array, Array]:
        """u and v of every pixel of the region, each (height, width)."""
        x, y = region.pixel_grid()
        uv = self.uv(np.stack([x.ravel(), y.ravel()], axis=1))
        return uv[:, 0].reshape(x.shape), uv[:, 1].reshape(x.shape)


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def around(cls, points: Points, size: tuple[int, int]) -> "Region":
        """The smallest even rectangle around `points` in a picture of `size` (width, height); not empty.

        All its numbers are even, so that it is whole in every I420 plane.
        """
        low = np.clip(np.floor(points.min(axis=0) / 2) * 2, 0, np.array(size) - 2)
        high = np.clip(np.ceil(points.max(axis=0) / 2) * 2, low + 2, size)
        (left, top), (width, height) = low, high - low
        return cls(int(left), int(top), int(width), int(height))

    def of(self, picture: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """The view of this rectangle in a (height, width, ...) array."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]

    def halved(self) -> "Region":
        """The same place in a plane of half the size; of an even region."""
        return Region(self.left // 2, self.top // 2, self.width // 2, self.height // 2)

    def times(self, factor: int) -> "Region":
        return Region(self.left * factor, self.top * factor, self.width * factor, self.height * factor)

    def moved(self, right: int, down: int) -> "Region":
        return Region(self.left + right, self.top + down, self.width, self.height)

    def grown(self, margin: int, size: tuple[int, int]) -> "Region":
        """`margin` pixels larger on every side, but not beyond a picture of `size`."""
        left, top = max(0, self.left - margin), max(0, self.top - margin)
        right = min(size[0], self.left + self.width + margin)
        bottom = min(size[1], self.top + self.height + margin)
        return Region(left, top, right - left, bottom - top)

    def pixel_grid(self) -> tuple[Array, Array]:
        """x and y in the picture of every pixel of the region, each (height, width)."""
        x = np.arange(self.left, self.left + self.width, dtype=np.float32)
        y = np.arange(self.top, self.top + self.height, dtype=np.float32)
        grid_x, grid_y = np.meshgrid(x, y)
        return grid_x, grid_y
