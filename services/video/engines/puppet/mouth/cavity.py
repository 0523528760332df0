"""Paints the inside of the mouth: teeth, tongue and the dark behind them."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Region
from services.video.engines.puppet.mouth.complexion import Colour, Complexion
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.mouth.own_teeth import OwnTeeth, TeethRow
from services.video.engines.puppet.mouth.shape import RestingMouth

_UPPER_EDGES = np.array([1.0, 1.76, 2.44, 2.96, 3.4])
_LOWER_EDGES = np.array([0.62, 1.28, 1.95, 2.55, 3.0])
"""Ends of the teeth from the middle on, in widths of an upper incisor: teeth further back are seen aslant."""
LOWER_LIP_OVER_TEETH = 0.025
TEETH_FALL, TONGUE_FALL, TONGUE_RISE = 0.95, 0.3, 0.08
"""Fall of teeth and tongue in parts of the jaw's fall, and rise of the tongue in mouth widths."""
GAP, SHORTER = 0.008, 0.008
BETWEEN, CORNER, ROUND = 0.22, 0.5, 0.08
"""How dark it is between teeth, how much more at their edge, and how much darker teeth are at their sides."""
THROAT, CORNERS = 0.6, 0.65


@dataclass(frozen=True, slots=True)
class _Layer:
    """Colour, (3,) or one for each pixel, and its opacity in the region.

    It falls with the jaw, rises with the tongue's tip, and always stands `raised` mouth widths higher.
    """

    colour: Array
    opacity: Array
    with_jaw: float = 0.0
    with_tip: float = 0.0
    raised: float = 0.0


class Cavity:
    """Inside of one mouth, painted once in its region. The upper teeth stay; the rest moves with the jaw."""

    def __init__(
        self,
        mouth: RestingMouth,
        frame: FeatureFrame,
        region: Region,
        colours: Complexion,
        incisor: float,
        own: OwnTeeth | None = None,
    ) -> None:
        """Paints the layers. `incisor` is the width of an upper one; `own` teeth replace those drawn."""
        self._frame = frame
        u, v = frame.coordinates(region)
        closed = np.float32(mouth.middle)
        self._throat = _throat(u, v - closed)[:, :, None] * colours.cavity
        self._aside = (CORNERS + (1 - CORNERS) * np.exp(-((u / 0.36) ** 4))) * (1 + colours.from_right * u)
        self._layers = [_Layer(colours.tongue, _tongue(u, v - closed - 0.03), TONGUE_FALL, TONGUE_RISE)]
        if colours.teeth is not None:
            teeth = _DrawnTeeth(u, v - closed, 1.2 / frame.unit, incisor, colours.teeth)
            self._layers += [teeth.lower(), teeth.upper()] if own is None else self._own(own, teeth, u, v)

    def _own(self, own: OwnTeeth, drawn: "_DrawnTeeth", u: Array, v: Array) -> list[_Layer]:
        """Returns the portrait's own teeth, completed by drawn ones where lips have hidden them."""
        layers = [drawn.lower()]
        if own.lower is not None:
            raised = own.lower_below - LOWER_LIP_OVER_TEETH
            layers = [self._photographed(own.lower, TEETH_FALL, raised)]
        hidden = [(end, side) for end, side in ((own.left_end, -1), (own.right_end, 1)) if end is not None]
        layers += [drawn.beyond(end, side, v) for end, side in hidden]
        return [*layers, self._photographed(own.upper)]

    def _photographed(self, row: TeethRow, with_jaw: float = 0.0, raised: float = 0.0) -> _Layer:
        """Returns the row as a layer. The light on it is in the picture: what is shaded later is undone."""
        return _Layer(row.picture / self._aside[:, :, None], row.opacity, with_jaw, raised=raised)

    def painted(self, window: Region, pose: LipPose, above: Array, below: Array) -> Array:
        """Returns (height, width, 3) BGR of `window`, which counts from the region's corner.

        `above` and `below` are the depths into the lips there, as in `MouthMaps`.
        """
        inside = window.of(self._throat)
        for layer in self._layers:
            fall = layer.with_jaw * pose.jaw - layer.with_tip * pose.tongue - layer.raised
            opacity = self._fallen(layer.opacity, fall, window)
            colour = layer.colour if layer.colour.ndim == 1 else self._fallen(layer.colour, fall, window)
            inside = inside + opacity[:, :, None] * (colour - inside)
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


class _DrawnTeeth:
    """Teeth drawn for one mouth, in one colour; `down` is how far below the closed lips a place is."""

    def __init__(self, u: Array, down: Array, blur: float, incisor: float, colour: Colour) -> None:
        self._u, self._down, self._blur, self._colour = u, down, blur, colour
        self._upper_edges, self._lower_edges = incisor * _UPPER_EDGES, incisor * _LOWER_EDGES

    def lower(self) -> _Layer:
        """Returns the lower row, in the shade."""
        depth = self._down - LOWER_LIP_OVER_TEETH + 0.22 * self._u**2
        opacity = 0.82 * self._row(depth, self._lower_edges)
        return _Layer(0.84 * self._colour, opacity.astype(np.float32), TEETH_FALL)

    def upper(self) -> _Layer:
        """Returns the upper row; its side incisors are a little shorter than their neighbours."""
        first, second = self._upper_edges[:2]
        beside = np.clip((np.abs(self._u) - first) / (second - first), 0, 1)
        edge = 0.035 - 0.25 * self._u**2 - SHORTER * np.sin(np.pi * beside)
        return _Layer(self._colour, self._row(edge - self._down, self._upper_edges))

    def beyond(self, end: tuple[float, float], side: int, v: Array) -> _Layer:
        """Returns the upper row beyond its seen end on one side, -1 or 1; `end` is u and v of its edge."""
        depth = end[1] - 0.25 * (self._u**2 - end[0] ** 2) - v
        there = np.clip(0.5 + (side * self._u - abs(end[0])) / 0.02, 0, 1)
        opacity = self._row(depth, self._upper_edges) * there
        return _Layer(self._colour, opacity.astype(np.float32))

    def _row(self, depth: Array, edges: Array) -> Array:
        """Returns the opacity of a row; `depth` is the way into it, in mouth widths."""
        across, blur = np.abs(self._u), self._blur
        ends = np.concatenate([[0.0], edges])
        gap = GAP + 0.4 * blur
        nearest = np.abs(across[:, :, None] - ends).min(axis=2)
        between = GAP / gap * np.exp(-((nearest / gap) ** 2))
        between *= BETWEEN + CORNER * np.exp(-np.maximum(depth, 0) / 0.02)
        rounded = 1 - ROUND * np.exp(-nearest / (0.12 * edges[0]))
        row_end = np.clip((edges[-1] - across) / 0.05 + 0.5, 0, 1) * (1 - 0.5 * (across / edges[-1]) ** 3)
        opacity = np.clip(0.5 + depth / (2 * blur), 0, 1) * (1 - between) * rounded * row_end
        return opacity.astype(np.float32)


def _tongue(u: Array, depth: Array) -> Array:
    """Returns the opacity of the tongue, which fades into the dark behind.

    `depth` counts down from its crown.
    """
    crown = depth - 0.35 * u**2
    body = np.clip(crown / 0.1, 0, 1) ** 0.8 * np.clip((0.33 - np.abs(u)) / 0.14, 0, 1)
    groove = 1 - 0.2 * np.exp(-((u / 0.025) ** 2)) * np.clip(crown / 0.1, 0, 1)
    return (body * groove * 0.95).astype(np.float32)
