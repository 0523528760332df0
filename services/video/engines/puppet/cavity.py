"""The inside of the mouth: teeth, tongue and the dark behind them."""

import cv2
import numpy as np

from services.video.engines.puppet.complexion import Complexion
from services.video.engines.puppet.feature_frame import Array, FeatureFrame, Region
from services.video.engines.puppet.lip_pose import LipPose
from services.video.engines.puppet.mouth_shape import RestingMouth

_UPPER_EDGES = (0.085, 0.15, 0.215, 0.275, 0.33)
_LOWER_EDGES = (0.055, 0.112, 0.17, 0.23, 0.285)
LOWER_LIP_OVER_TEETH = 0.06
JAW_SHOWN_BY_TEETH = 0.95


class Cavity:
    """Painted once in the mouth's region. The upper teeth stay; the others move with the jaw."""

    def __init__(self, mouth: RestingMouth, frame: FeatureFrame, region: Region, colours: Complexion) -> None:
        self._frame, self._colours = frame, colours
        u, v = frame.coordinates(region)
        closed = np.float32(mouth.middle)
        blur = 1.2 / frame.unit
        self._upper = _teeth(u, closed + 0.035 - 0.25 * u**2 - v, _UPPER_EDGES, blur)
        self._lower = _teeth(u, v - (closed + LOWER_LIP_OVER_TEETH - 0.22 * u**2), _LOWER_EDGES, blur) * 0.82
        self._tongue = _tongue(u, v - closed - 0.005)
        self._aside = np.exp(-((u / 0.36) ** 4)).astype(np.float32)

    def painted(self, window: Region, pose: LipPose, above: Array, below: Array) -> Array:
        """(height, width, 3) BGR of `window`, which counts from the region's corner.

        `above` and `below` are the depths into the lips there, as in `MouthMaps`: deeper inside is darker.
        """
        colours = self._colours
        part = np.s_[window.top : window.top + window.height, window.left : window.left + window.width]
        tongue_fall = pose.jaw * 0.55 - 0.08 * pose.tongue
        tongue = self._fallen(self._tongue, tongue_fall, window)
        lower = self._fallen(self._lower, pose.jaw * JAW_SHOWN_BY_TEETH, window)
        inside = _layer(np.broadcast_to(colours.cavity, (*tongue.shape, 3)), colours.tongue, tongue)
        inside = _layer(inside, colours.teeth * 0.84, lower)
        inside = _layer(inside, colours.teeth, self._upper[part])
        return inside * self._shade(above, below, self._aside[part])[:, :, None]

    def _fallen(self, layer: Array, fall: float, window: Region) -> Array:
        """The layer moved down the face by `fall` mouth widths, cut to the window."""
        (cos, sin), pixels = self._frame.axis, fall * self._frame.unit
        move = np.array([[1, 0, window.left + pixels * sin], [0, 1, window.top - pixels * cos]])
        moved = cv2.warpAffine(
            layer, move, (window.width, window.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        return np.asarray(moved, dtype=np.float32)

    def _shade(self, above: Array, below: Array, aside: Array) -> Array:
        """The lips throw soft shadows, the upper one a longer one; the corners are dark."""
        unit = self._frame.unit
        under_upper = np.clip(0.72 - above / (0.1 * unit), 0.72, 1)
        over_lower = np.clip(0.7 - below / (0.07 * unit), 0.7, 1)
        return under_upper * over_lower * (0.25 + 0.75 * aside)


def _teeth(u: Array, depth: Array, edges: tuple[float, ...], blur: float) -> Array:
    """The opacity of a row of teeth; `depth` is how far inside the row a place is, in mouth widths."""
    across = np.abs(u)
    opacity = np.clip(0.5 + depth / (2 * blur), 0, 1)
    rounding = np.zeros_like(opacity)
    for edge in (0.0, *edges):
        near = np.exp(-(((across - edge) / (0.008 + blur * 0.4)) ** 2))
        rounding = np.maximum(rounding, near * (0.13 + 0.35 * np.exp(-np.maximum(depth, 0) / 0.012)))
    row_end = np.clip((edges[-1] - across) / 0.05 + 0.5, 0, 1)
    return (opacity * (1 - rounding) * row_end * (1 - 0.5 * (across / edges[-1]) ** 2 * 0.6)).astype(
        np.float32
    )


def _tongue(u: Array, depth: Array) -> Array:
    """The opacity of the tongue; `depth` counts down from its tip."""
    crown = depth - 0.35 * u**2
    body = np.clip(crown / 0.07, 0, 1) * np.clip((0.31 - np.abs(u)) / 0.1, 0, 1)
    groove = 1 - 0.22 * np.exp(-((u / 0.02) ** 2)) * np.clip(crown / 0.1, 0, 1)
    return (body * groove * 0.85).astype(np.float32)


def _layer(under: Array, colour: Array, opacity: Array) -> Array:
    return under + opacity[:, :, None] * (colour - under)
