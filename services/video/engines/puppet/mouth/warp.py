"""Computes the pixel maps of a lip pose: where each pixel of the mouth region comes from in the portrait.

The face above the opening and the face below it are two layers with a smooth map each; between them is the
inside of the mouth. The fields are computed on a coarse grid in the mouth's frame, whose size does not depend
on that of the picture, and are then enlarged to the region.
"""

from dataclasses import dataclass

import numpy as np

from services.video.engines.puppet.geometry.easing import eased, through
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.frame_grid import FrameGrid
from services.video.engines.puppet.geometry.types import Array, Region, Size
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.mouth.shape import (
    MouthCurves,
    RestingMouth,
    posed_mouth,
    rim_of,
    rolled_in,
    unwidened,
)

STEP = 0.035
NECK = 0.5
CHEEKS = 0.18
"""Height above the base of the nose to which the skin beside it moves with the corners of the mouth."""


@dataclass(frozen=True, slots=True)
class MouthMaps:
    """Maps of the mouth's region; its rows `band` are those where the lips meet or part.

    `upper`, for the rows to the end of the band, and `lower`, for those from its start, are x and y
    in the portrait, each (rows, width). `above` and `below`, for the rows of the band, are the depths
    in pixels into the upper and the lower layer, negative outside of it; `along` is u there.
    """

    band: slice
    upper: tuple[Array, Array]
    lower: tuple[Array, Array]
    above: Array
    below: Array
    along: Array


class MouthWarp:
    """Pixel maps of one mouth in any pose."""

    def __init__(self, mouth: RestingMouth, frame: FeatureFrame, picture_size: Size) -> None:
        self._mouth, self._frame = mouth, frame
        left, right = -mouth.left_reach - STEP, mouth.right_reach + STEP
        bottom = float(mouth.curves.chin.max()) + NECK
        self._grid = FrameGrid(frame, (left, mouth.nose - CHEEKS - STEP), (right, bottom), STEP)
        self._u, self._v = self._grid.u, self._grid.v
        corners = np.array([(u, v) for u in (left, right) for v in (self._v[0, 0], bottom)], np.float32)
        self.region = Region.around(frame.pixels(corners), picture_size)
        self._pixels = self.region.pixel_grid()
        self._top = mouth.nose - CHEEKS * eased((np.abs(self._u) - 0.15) / 0.3)
        self._sideways = self._sideways_reach()
        self._along = self._enlarged(self._columns(self._u), slice(0, self.region.height))

    def maps(self, pose: LipPose, margin: float) -> MouthMaps:
        """Returns the maps of a pose; their band reaches `margin` pixels above and below the opening."""
        u = unwidened(self._u, self._mouth, pose)
        rest = self._mouth.at(u)
        posed = posed_mouth(self._mouth, rest, pose, u)
        sideways = (u - self._u) * self._sideways
        upper, lower = self._layers(rest, posed, pose)
        band = self._band(posed, margin)
        unit = self._frame.unit
        return MouthMaps(
            band,
            self._places(sideways, upper, slice(0, band.stop)),
            self._places(sideways, lower, slice(band.start, self.region.height)),
            self._enlarged((posed.upper_inner - self._v) * unit, band),
            self._enlarged((self._v - posed.lower_inner) * unit, band),
            self._along[band],
        )

    def _band(self, posed: MouthCurves, margin: float) -> slice:
        tops = self._frame.pixels(np.stack([self._u, posed.upper_inner], axis=1))[:, 1]
        bottoms = self._frame.pixels(np.stack([self._u, posed.lower_inner], axis=1))[:, 1]
        start = int(np.floor(tops.min() - margin)) - self.region.top
        stop = int(np.ceil(bottoms.max() + margin)) + 1 - self.region.top
        start = min(max(0, start), self.region.height - 1)
        return slice(start, min(max(start + 1, stop), self.region.height))

    def _places(self, u: Array, v: Array, rows: slice) -> tuple[Array, Array]:
        """Converts grid shifts in mouth widths to x and y in the portrait of every pixel of these rows."""
        (cos, sin), unit, (x, y) = self._frame.axis, self._frame.unit, self._pixels
        across = self._enlarged((u * cos - v * sin) * unit, rows)
        down = self._enlarged((u * sin + v * cos) * unit, rows)
        return across + x[rows], down + y[rows]

    def _columns(self, columns: Array) -> Array:
        return np.broadcast_to(columns, (len(self._v), len(self._u)))

    def _layers(self, rest: MouthCurves, posed: MouthCurves, pose: LipPose) -> tuple[Array, Array]:
        """Returns how far down in the portrait each grid point's source lies, for upper and lower layer."""
        upper_roll, lower_roll = rolled_in(pose)
        rim = rim_of(rest)
        upper_edge = rest.upper_inner - rim - upper_roll * (rest.upper_inner - rim - rest.upper_outer)
        lower_edge = rest.lower_inner + rim + lower_roll * (rest.lower_outer - rest.lower_inner - rim)
        upper = through(
            self._v,
            [self._top, posed.upper_outer, posed.upper_inner],
            [np.zeros_like(self._u), rest.upper_outer - posed.upper_outer, upper_edge - posed.upper_inner],
            straight=(1,),
        )
        lower = through(
            self._v,
            [posed.lower_inner, posed.lower_outer, posed.chin, rest.chin + NECK],
            [
                lower_edge - posed.lower_inner,
                rest.lower_outer - posed.lower_outer,
                rest.chin - posed.chin,
                np.zeros_like(self._u),
            ],
            straight=(0,),
        )
        return upper, lower

    def _sideways_reach(self) -> Array:
        """Returns how much of the widening of the lips is seen at each grid point."""
        mouth, chin = self._mouth, float(self._mouth.curves.chin.max())
        upper = float(mouth.curves.upper_outer.min())
        lower = float(mouth.curves.lower_outer.max())
        above = eased((self._v - self._top) / np.maximum(upper - self._top, 0.05))
        below = 1 - eased((self._v - lower) / max(0.8 * (chin - lower), 0.25))
        return np.minimum(above, below)

    def _enlarged(self, values: Array, rows: slice) -> Array:
        """Interpolates values at the nodes of the grid to every pixel of these rows of the region."""
        region = self.region
        part = Region(region.left, region.top + rows.start, region.width, rows.stop - rows.start)
        return self._grid.enlarged(values, part)
