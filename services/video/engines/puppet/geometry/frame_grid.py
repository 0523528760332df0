"""Coarse grid in a feature's frame, whose values are interpolated to every pixel of a region."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Region

MAX_CELL = 8


class FrameGrid:
    """Grid with nodes every `step` of u and v; its size does not depend on that of the picture."""

    def __init__(
        self, frame: FeatureFrame, low: tuple[float, float], high: tuple[float, float], step: float
    ) -> None:
        """Covers u and v from `low` to `high`."""
        self._frame, self._step = frame, step
        self.u = np.arange(low[0], high[0] + step, step, dtype=np.float32)
        self.v = np.arange(low[1], high[1] + step, step, dtype=np.float32)[:, None]
        # Large pictures are sampled cell by cell first and then enlarged; cells are no coarser than the grid.
        self._cell = int(np.clip(frame.unit * step, 1, MAX_CELL))
        self._to_nodes = self._pixels_to_nodes()

    def enlarged(self, values: Array, region: Region) -> Array:
        """Interpolates values at the nodes, (rows, columns), to every pixel of the region.

        Beyond the grid they stay level.
        """
        cell = self._cell
        columns, rows = -(-region.width // cell) + 2, -(-region.height // cell) + 2
        cells = cv2.warpAffine(
            np.ascontiguousarray(values, dtype=np.float32),
            self._cells_to_nodes(region),
            (columns, rows),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        pixels = cells if cell == 1 else cv2.resize(cells, (columns * cell, rows * cell))
        return np.asarray(pixels, dtype=np.float32)[cell : cell + region.height, cell : cell + region.width]

    def _cells_to_nodes(self, region: Region) -> Array:
        """Returns the (2, 3) matrix from a cell's column and row to a node's.

        One cell stands outside on every side.
        """
        cell, outside = self._cell, (self._cell - 1) / 2 - self._cell
        left, top = region.left + outside, region.top + outside
        (a, b, c), (d, e, f) = self._to_nodes
        return np.array(
            [
                (a * cell, b * cell, a * left + b * top + c),
                (d * cell, e * cell, d * left + e * top + f),
            ]
        )

    def _pixels_to_nodes(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Returns the rows of a matrix from a pixel's x and y to a node's column and row."""
        (x, y), (cos, sin) = self._frame.origin, self._frame.axis
        scale = 1 / (self._frame.unit * self._step)
        across, down = float(self.u[0]) / self._step, float(self.v[0, 0]) / self._step
        return (
            (cos * scale, sin * scale, -(cos * x + sin * y) * scale - across),
            (-sin * scale, cos * scale, (sin * x - cos * y) * scale - down),
        )
