"""Coordinate frame laid on a feature of the face: u runs along it, v down across it."""

from dataclasses import dataclass

import numpy as np

from services.video.engines.puppet.geometry.types import Array, Points, Region


@dataclass(frozen=True, slots=True)
class FeatureFrame:
    """Origin, direction and scale of a feature's coordinates.

    `unit` pixels make one u or v; `axis` is the direction of u in the picture, of length one.
    """

    origin: tuple[float, float]
    axis: tuple[float, float]
    unit: float

    @classmethod
    def between(cls, left: Points, right: Points) -> "FeatureFrame":
        """Returns the frame with u = -0.5 at `left` and u = 0.5 at `right`."""
        span = right.astype(np.float64) - left
        unit = max(float(np.hypot(*span)), 1.0)
        middle = (left.astype(np.float64) + right) / 2
        axis = span / unit if span.any() else np.array([1.0, 0.0])
        return cls((float(middle[0]), float(middle[1])), (float(axis[0]), float(axis[1])), unit)

    def uv(self, points: Points) -> Array:
        """Converts (n, 2) pixels to (n, 2) u and v."""
        (x, y), (cos, sin) = self.origin, self.axis
        moved = (points - np.array([x, y])) / self.unit
        return np.stack(
            [moved[:, 0] * cos + moved[:, 1] * sin, moved[:, 1] * cos - moved[:, 0] * sin], axis=1
        ).astype(np.float32)

    def pixels(self, uv: Array) -> Points:
        """Converts (n, 2) u and v to pixels: the inverse of `uv`."""
        (x, y), (cos, sin) = self.origin, self.axis
        u, v = uv[:, 0] * self.unit, uv[:, 1] * self.unit
        return np.stack([x + u * cos - v * sin, y + u * sin + v * cos], axis=1).astype(np.float32)

    def coordinates(self, region: Region) -> tuple[Array, Array]:
        """Returns u and v of every pixel of the region, each (height, width)."""
        x, y = region.pixel_grid()
        uv = self.uv(np.stack([x.ravel(), y.ravel()], axis=1))
        return uv[:, 0].reshape(x.shape), uv[:, 1].reshape(x.shape)
