"""A coarse grid laid over a region of the picture: movements are smooth, so that few places say it all."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.types import Array, Region

STEP = 8


class Grid:
    """Its nodes stand in the middle of cells of `STEP` pixels; one stands outside on every side."""

    def __init__(self, region: Region) -> None:
        """The region is even."""
        self._region = region
        columns, rows = -(-region.width // STEP) + 2, -(-region.height // STEP) + 2
        x = region.left + (np.arange(columns) - 0.5) * STEP - 0.5
        y = region.top + (np.arange(rows) - 0.5) * STEP - 0.5
        self.nodes = np.stack(np.meshgrid(x, y), axis=2).astype(np.float32)
        # Memory is kept: to ask for so much of it anew in each frame takes as long as to fill it.
        self._kept = np.empty(0, np.float32)

    def around(self, part: Region) -> tuple[slice, slice]:
        """The rows and columns of the nodes of a part of the region, with one outside on every side."""
        left, top = part.left - self._region.left, part.top - self._region.top
        return _cells(top, part.height), _cells(left, part.width)

    def at(self, field: Array, places: Array) -> Array:
        """What a field, (rows, columns, 2) at the nodes, is at other places, in pixels of the picture."""
        first = self.nodes[0, 0]
        x, y = ((places[:, :, axis] - first[axis]) / STEP for axis in (0, 1))
        found = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, dtype=np.float32)

    def enlarged(self, places: Array, part: Region, cell: tuple[int, int]) -> tuple[Array, Array]:
        """x and y for every cell of a part, so many pixels wide and high; those at its end may be cut.

        The part is whole steps away from the region's corner. Valid until the next call: parts take turns
        in the same memory, which is little enough to stay near the processor.
        """
        near, (across, down) = places[self.around(part)], (STEP // side for side in cell)
        x, y = self._room(near.shape[0] * down, near.shape[1] * across)
        for axis, room in enumerate((x, y)):
            cv2.resize(near[:, :, axis], x.shape[::-1], dst=room, interpolation=cv2.INTER_LINEAR)
        width, height = (
            -(-length // side) for length, side in zip((part.width, part.height), cell, strict=True)
        )
        inside = np.s_[down : down + height, across : across + width]
        return x[inside], y[inside]

    def _room(self, rows: int, columns: int) -> Array:
        """(2, rows, columns)."""
        size = 2 * rows * columns
        if self._kept.size < size:
            self._kept = np.empty(size, np.float32)
        return self._kept[:size].reshape(2, rows, columns)


def _cells(start: int, length: int) -> slice:
    return slice(start // STEP, -(-(start + length) // STEP) + 2)
