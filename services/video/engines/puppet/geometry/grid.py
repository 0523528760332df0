"""Coarse grid over a region of the picture, for movements smooth enough to be known at its nodes only."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.types import Array, Region

STEP = 8


class Grid:
    """Grid whose nodes stand in the middle of cells of `STEP` pixels, and one cell outside on every side."""

    def __init__(self, region: Region) -> None:
        """Lays the grid over `region`, which is even."""
        self._region = region
        columns, rows = -(-region.width // STEP) + 2, -(-region.height // STEP) + 2
        x = region.left + (np.arange(columns) - 0.5) * STEP - 0.5
        y = region.top + (np.arange(rows) - 0.5) * STEP - 0.5
        self.nodes = np.stack(np.meshgrid(x, y), axis=2).astype(np.float32)
        # The buffer is kept: to allocate so much memory in each frame takes as long as to fill it.
        self._memory = np.empty(0, np.float32)

    def around(self, part: Region) -> tuple[slice, slice]:
        """Returns the rows and columns of a part's nodes, with one outside on every side."""
        left, top = part.left - self._region.left, part.top - self._region.top
        return _cells(top, part.height), _cells(left, part.width)

    def at(self, field: Array, places: Array) -> Array:
        """Interpolates a field, (rows, columns, 2) at the nodes, to places in pixels of the picture."""
        first = self.nodes[0, 0]
        x, y = ((places[:, :, axis] - first[axis]) / STEP for axis in (0, 1))
        found = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, dtype=np.float32)

    def enlarged(self, places: Array, part: Region, cell: tuple[int, int]) -> tuple[Array, Array]:
        """Returns x and y for every cell of a part, interpolated from `places` at the nodes.

        A cell is `cell` pixels wide and high; those at the end of the part may be cut. The part is whole
        steps away from the region's corner. The result is valid until the next call: all parts share one
        buffer, which is small enough to stay in the processor's cache.
        """
        near, (across, down) = places[self.around(part)], (STEP // side for side in cell)
        x, y = self._buffer(near.shape[0] * down, near.shape[1] * across)
        for axis, target in enumerate((x, y)):
            cv2.resize(near[:, :, axis], x.shape[::-1], dst=target, interpolation=cv2.INTER_LINEAR)
        width, height = (
            -(-length // side) for length, side in zip((part.width, part.height), cell, strict=True)
        )
        inside = np.s_[down : down + height, across : across + width]
        return x[inside], y[inside]

    def _buffer(self, rows: int, columns: int) -> Array:
        """Returns the shared buffer as (2, rows, columns), with whatever it held before."""
        size = 2 * rows * columns
        if self._memory.size < size:
            self._memory = np.empty(size, np.float32)
        return self._memory[:size].reshape(2, rows, columns)


def _cells(start: int, length: int) -> slice:
    return slice(start // STEP, -(-(start + length) // STEP) + 2)
