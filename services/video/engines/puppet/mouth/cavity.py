"""Paints the inside of the mouth: teeth, tongue and the dark behind them."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Region
from services.video.engines.puppet.mouth.complexion import Colour, Complexion
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.mouth.shape import RestingMouth

_UPPER_EDGES = (0.085, 0.15, 0.215, 0.275, 0.33)
_LOWER_EDGES = (0.055, 0.112, 0.17, 0.23, 0.285)
LOWER_LIP_OVER_TEETH = 0.025
TEETH_FALL, TONGUE_FALL, TONGUE_RISE = 0.95, 0.3, 0.08
"""Fall of teeth and tongue in parts of the jaw's fall, and rise of the tongue in mouth widths."""
GAP = 0.008
THROAT, CORNERS = 0.6, 0.65


@dataclass(frozen=True, slots=True)
class _Layer:
    """Colour, (3,), and its opacity in the region; falls with the jaw, and rises with the tongue's tip."""

    colour: Colour
    opacity: Array
    with_jaw: float = 0.0
    with_tip: float = 0.0


class Cavity:
    """Inside of one mouth, painted once in its region. The upper teeth stay; the rest moves with the jaw."""

    def __init__(self, mouth: RestingMouth, frame: FeatureFrame, region: Region, colours: Complexion) -> None:
        self._frame = frame
        u, v = frame.coordinates(region)
        closed = np.float32(mouth.middle)
        self._throat = _throat(u, v - closed)[:, :, None] * colours.cavity
        self._layers = [_Layer(colours.tongue, _tongue(u, v - closed - 0.03), TONGUE_FALL, TONGUE_RISE)]
        if colours.teeth is not None:
            self._layers += _rows_of_teeth(u, v - closed, 1.2 / frame.unit, colours.teeth)
        self._aside = (CORNERS + (1 - CORNERS) * np.exp(-((u / 0.36) ** 4))) * (1 + colours.from_right * u)

    def painted(self, window: Region, pose: LipPose, above: Array, below: Array) -> Array:
        """Returns (height, width, 3) BGR of `window`, which counts from the region's corner.

        `above` and `below` are the depths into the lips there, as in `MouthMaps`.
        """
        inside = window.of(self._throat)
        for layer in self._layers:
            fall = layer.with_jaw * pose.jaw - layer.with_tip * pose.tongue
            opacity = self._fallen(layer.opacity, fall, window)
            inside = inside + opacity[:, :, None] * (layer.colour - inside)
        return inside * self._shade(above, below, window.of(self._aside))[:, :, None]

    def _fallen(self, layer: Array, fall: float, window: Region) -> Array:
        """Returns the layer moved down the face by `fall` mouth widths, cut to the window."""
        if fall == 0:
            return window.of(layer)
        (cos, sin), pixels = self._frame.axis, fall * self._frame.unit
        move = np.array([[1, 0, window.left + pixels * sin], [0, 1, window.top - pixels * cos]])
        moved = cv2.warpAffine(
            layer, move, (window.width, window.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        return np.asarray(moved, dtype=np.float32)

    def _shade(self, above: Array, below: Array, aside: Array) -> Array:
        """Returns the brightness under the soft shadows of the lips; the upper one throws a longer one."""
        unit = self._frame.unit
        under_upper = np.clip(0.8 - above / (0.1 * unit), 0.8, 1)
        over_lower = np.clip(0.8 - below / (0.07 * unit), 0.8, 1)
        return np.minimum(under_upper, over_lower) * aside


def _throat(u: Array, down: Array) -> Array:
    """Returns how light the back of the mouth is: darkest in its middle, below the upper teeth."""
    middle = np.exp(-((u / 0.26) ** 2) - ((down - 0.07) / 0.12) ** 2)
    return (1 - (1 - THROAT) * middle).astype(np.float32)


def _rows_of_teeth(u: Array, down: Array, blur: float, colour: Colour) -> list[_Layer]:
    """Returns the lower row, in the shade, and the upper one.

    `down` is how far below the closed lips a place is.
    """
    lower = _teeth(u, down - LOWER_LIP_OVER_TEETH + 0.22 * u**2, _LOWER_EDGES, blur) * 0.82
    upper = _teeth(u, 0.035 - 0.25 * u**2 - down, _UPPER_EDGES, blur)
    return [_Layer(0.84 * colour, lower.astype(np.float32), TEETH_FALL), _Layer(colour, upper)]


def _teeth(u: Array, depth: Array, edges: tuple[float, ...], blur: float) -> Array:
    """Returns the opacity of a row of teeth; `depth` is the way into the row, in mouth widths."""
    across = np.abs(u)
    opacity = np.clip(0.5 + depth / (2 * blur), 0, 1)
    rounding = np.zeros_like(opacity)
    gap = GAP + 0.4 * blur
    for edge in (0.0, *edges):
        near = GAP / gap * np.exp(-(((across - edge) / gap) ** 2))
        rounding = np.maximum(rounding, near * (0.13 + 0.35 * np.exp(-np.maximum(depth, 0) / 0.012)))
    row_end = np.clip((edges[-1] - across) / 0.05 + 0.5, 0, 1)
    return (opacity * (1 - rounding) * row_end * (1 - 0.5 * (across / edges[-1]) ** 2 * 0.6)).astype(
        np.float32
    )


def _tongue(u: Array, depth: Array) -> Array:
    """Returns the opacity of the tongue, which fades into the dark behind.

    `depth` counts down from its crown.
    """
    crown = depth - 0.35 * u**2
    body = np.clip(crown / 0.1, 0, 1) ** 0.8 * np.clip((0.33 - np.abs(u)) / 0.14, 0, 1)
    groove = 1 - 0.2 * np.exp(-((u / 0.025) ** 2)) * np.clip(crown / 0.1, 0, 1)
    return (body * groove * 0.95).astype(np.float32)
