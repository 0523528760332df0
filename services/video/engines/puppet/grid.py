"""A coarse grid laid over a region of the picture: movements are smooth, so that few places say it all."""

import cv2
import numpy as np

from services.video.engines.puppet.feature_frame import Array, Region

STEP = 8


class Grid:
    """Its nodes stand in the middle of cells of `STEP` pixels; one stands outside on every side."""

    def __init__(self, region: Region) -> None:
        """The region is even."""
        self.region = region
        columns, rows = -(-region.width // STEP) + 2, -(-region.height // STEP) + 2
        x = region.left + (np.arange(columns) - 0.5) * STEP - 0.5
        y = region.top + (np.arange(rows) - 0.5) * STEP - 0.5
        self.nodes = np.stack(np.meshgrid(x, y), axis=2).astype(np.float32)
        # Memory is kept: to ask for so much of it anew in each frame takes as long as to fill it.
        self._room = {shrink: self._rooms(shrink) for shrink in (1, 2)}

    def at(self, field: Array, places: Array) -> Array:
        """What a field, (rows, columns, 2) at the nodes, is at other places, in pixels of the picture."""
        first = self.nodes[0, 0]
        x, y = ((places[:, :, axis] - first[axis]) / STEP for axis in (0, 1))
        found = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, dtype=np.float32)

    def enlarged(self, places: Array, shrink: int) -> tuple[Array, Array]:
        """x and y for every pixel of the region, in planes that are `shrink` times smaller (1 or 2).

        Valid until the next call with the same `shrink`.
        """
        step = STEP // shrink
        places = places if shrink == 1 else (places - 0.5) / 2
        rooms = self._room[shrink]
        height, width = self.region.height // shrink, self.region.width // shrink
        for axis, room in enumerate(rooms):
            size = room.shape[1], room.shape[0]
            cv2.resize(places[:, :, axis], size, dst=room, interpolation=cv2.INTER_LINEAR)
        x, y = (room[step : step + height, step : step + width] for room in rooms)
        return x, y

    def _rooms(self, shrink: int) -> tuple[Array, Array]:
        rows, columns = (count * (STEP // shrink) for count in self.nodes.shape[:2])
        return np.empty((rows, columns), np.float32), np.empty((rows, columns), np.float32)
