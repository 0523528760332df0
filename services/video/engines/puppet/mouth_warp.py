"""From a lip pose to pixel maps: where each pixel of the mouth region comes from in the portrait.

The face above the opening and the face below it are two layers with a smooth map each; between
them is the inside of the mouth. The fields are worked out on a coarse grid in the mouth's frame, whose
size does not depend on that of the picture, and are then enlarged to the region.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from services.video.engines.puppet.feature_frame import Array, FeatureFrame, Region
from services.video.engines.puppet.lip_pose import LipPose
from services.video.engines.puppet.mouth_shape import (
    REACH,
    MouthCurves,
    RestingMouth,
    posed_mouth,
    rolled_in,
    unwidened,
)

STEP = 0.025
NECK = 0.85


@dataclass(frozen=True, slots=True)
class MouthMaps:
    """Each (height, width) of the region.

    `upper` and `lower` are (..., 2): the pixel of the portrait, x and y. `above` and `below` are the
    depths in pixels into the upper and the lower layer, negative outside of it.
    """

    upper: Array
    lower: Array
    above: Array
    below: Array


class MouthWarp:
    def __init__(self, mouth: RestingMouth, frame: FeatureFrame, picture_size: tuple[int, int]) -> None:
        self._mouth, self._frame = mouth, frame
        bottom = float(mouth.curves.chin.max()) + NECK
        self._u = np.arange(-REACH, REACH + STEP, STEP, dtype=np.float32)
        self._v = np.arange(mouth.nose - STEP, bottom + STEP, STEP, dtype=np.float32)[:, None]
        corners = np.array(
            [(u, v) for u in (self._u[0], self._u[-1]) for v in (self._v[0, 0], self._v[-1, 0])], np.float32
        )
        self.region = Region.around(frame.pixels(corners), picture_size)
        self._to_grid = self._region_to_grid()
        self._pixels = np.stack(self.region.pixel_grid(), axis=2)
        self._sideways = self._sideways_reach()
        self._along = self._enlarged(np.broadcast_to(self._u, (len(self._v), len(self._u))))

    def maps(self, pose: LipPose) -> MouthMaps:
        u = unwidened(self._u, self._mouth, pose.width)
        rest, posed = self._mouth.at(u), posed_mouth(self._mouth, pose, u)
        sideways = (u - self._u) * self._sideways
        upper, lower = self._layers(rest, posed, pose)
        shifts = self._enlarged(
            np.concatenate([self._turned(sideways, upper), self._turned(sideways, lower)], 2)
        )
        depths = np.stack([posed.upper_inner - self._v, self._v - posed.lower_inner], axis=2)
        depths = self._enlarged(depths * np.float32(self._frame.unit))
        return MouthMaps(
            shifts[:, :, :2] + self._pixels,
            shifts[:, :, 2:] + self._pixels,
            np.ascontiguousarray(depths[:, :, 0]),
            np.ascontiguousarray(depths[:, :, 1]),
        )

    def along(self, window: Region) -> Array:
        """u of every pixel of `window`, which counts from the region's corner."""
        return window.of(self._along)

    def _layers(self, rest: MouthCurves, posed: MouthCurves, pose: LipPose) -> tuple[Array, Array]:
        """How far down in the portrait each grid point's source lies, for the upper and the lower layer."""
        upper_roll, lower_roll = rolled_in(pose)
        upper_edge = rest.upper_inner - upper_roll * (rest.upper_inner - rest.upper_outer)
        lower_edge = rest.lower_inner + lower_roll * (rest.lower_outer - rest.lower_inner)
        upper = _through(
            self._v,
            [np.full_like(self._u, self._mouth.nose), posed.upper_outer, posed.upper_inner],
            [np.zeros_like(self._u), rest.upper_outer - posed.upper_outer, upper_edge - posed.upper_inner],
            straight=(1,),
        )
        lower = _through(
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
        """How much of the widening of the lips is seen at each grid point."""
        mouth, chin = self._mouth, float(self._mouth.curves.chin.max())
        upper = float(mouth.curves.upper_outer.min())
        lower = float(mouth.curves.lower_outer.max())
        above = _smooth((self._v - mouth.nose) / max(upper - mouth.nose, 0.05))
        below = 1 - _smooth((self._v - lower) / max(chin + 0.2 - lower, 0.3))
        return np.minimum(above, below)

    def _turned(self, u: Array, v: Array) -> Array:
        """Grid shifts in mouth widths to shifts in pixels of the picture, (rows, columns, 2)."""
        (cos, sin), unit = self._frame.axis, self._frame.unit
        return np.stack([(u * cos - v * sin) * unit, (u * sin + v * cos) * unit], axis=2).astype(np.float32)

    def _region_to_grid(self) -> np.ndarray:
        (x, y), (cos, sin) = self._frame.origin, self._frame.axis
        scale = 1 / (self._frame.unit * STEP)
        turn = np.array([[cos, sin], [-sin, cos]]) * scale
        start = turn @ np.array([self.region.left - x, self.region.top - y])
        start -= np.array([self._u[0], self._v[0, 0]]) / STEP
        return np.column_stack([turn, start])

    def _enlarged(self, grid: Array) -> Array:
        enlarged = cv2.warpAffine(
            grid.astype(np.float32),
            self._to_grid,
            (self.region.width, self.region.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(enlarged, dtype=np.float32)


def _through(v: Array, knots: list[Array], values: list[Array], straight: tuple[int, ...]) -> Array:
    """A curve down each column through `values` at `knots`, level before the first and after the last.

    Segments named in `straight` run straight, the others ease in and out, so that skin has no creases.
    """
    total = np.broadcast_to(values[0], (len(v), len(values[0]))).astype(np.float32)
    for index in range(len(knots) - 1):
        length = np.maximum(knots[index + 1] - knots[index], 0.01)
        share = np.clip((v - knots[index]) / length, 0, 1)
        share = share if index in straight else share * share * (3 - 2 * share)
        total = total + share * (values[index + 1] - values[index])
    return total


def _smooth(x: Array) -> Array:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
