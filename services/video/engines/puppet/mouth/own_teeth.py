"""Finds the teeth that the portrait itself shows between its lips, to be shown again when it speaks.

They are looked for in a strip: the mouth sampled along the edge of the upper lip, which is its straight top.
Lengths are mouth widths, as in `shape`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Image, Mask, Region
from services.video.engines.puppet.mouth.complexion import Colour
from services.video.engines.puppet.mouth.shape import MouthCurves, RestingMouth

MIN_GAP, END = 0.05, 0.46
CELL, ABOVE, BELOW = 0.01, 0.1, 0.1
"""Size of the strip's cells, and its reach above the edge of the upper lip and below that of the lower."""
_WEIGHTS = np.array([0.25, 1.0, 0.5], dtype=np.float32)
"""Of L*, a* and b*: teeth lie in all shades, but they are never as red as lips, gums and tongue."""
LIP_RIM = 0.015
WHITEST, HALF_WAY, MIN_LIGHT, DARKEST = 85.0, 0.5, 0.33, 0.85
UPPER_HALF, GUMS, LOWER_REACH, MIN_HEIGHT, MAX_HEIGHT = 0.2, 0.12, 0.1, 0.03, 0.22
MIDDLE, MIN_COLUMNS, MIN_SEPARATION, MIN_PIXELS = 0.2, 0.4, 4.0, 1.2
MAX_DOUBT = 0.5
EDGE_PIXELS, FRINGE_PIXELS, SHADOW, CONTINUED = 1.4, 0.6, 0.015, 0.12
FADE_ASIDE, FADE_LOWER, ARCH, IN_SHADE = 0.1, 0.02, 0.25, 0.85


@dataclass(frozen=True, slots=True)
class TeethRow:
    """Row of the portrait's teeth in the region of the mouth: BGR (height, width, 3), and its opacity.

    It goes on where the lips hide it: upwards, or for a lower row downwards.
    """

    picture: Array
    opacity: Array


@dataclass(frozen=True, slots=True)
class OwnTeeth:
    """Teeth of the portrait, with their typical colour.

    `lower_below` is how far below the line of the closed lips the lower row begins in the portrait.
    `left_end` and `right_end` are where the upper row ends because the lips hide its rest, as u and v of its
    lower edge; `None` where its own end is seen. `doubt` is 0 for teeth beyond question, at most `MAX_DOUBT`.
    """

    upper: TeethRow
    lower: TeethRow | None
    lower_below: float
    colour: Colour
    left_end: tuple[float, float] | None
    right_end: tuple[float, float] | None
    doubt: float


@dataclass(frozen=True, slots=True)
class _Strip:
    """Mouth along the edge of its upper lip: `u` of the columns, `depth` of the rows below that edge.

    `seen` is (rows, columns, 3), weighted L*, a* and b*; `curves` and `gap` are those of the columns.
    """

    u: Array
    depth: Array
    seen: Array
    curves: MouthCurves
    gap: Array


@dataclass(frozen=True, slots=True)
class _Run:
    """Row of teeth in a strip: depth of its upper and lower edge in each column, NaN in columns without."""

    top: Array
    bottom: Array

    @property
    def columns(self) -> Mask:
        return ~np.isnan(self.top)


def find_own_teeth(
    portrait: Image, mouth: RestingMouth, frame: FeatureFrame, region: Region
) -> OwnTeeth | None:
    """Returns the teeth that the portrait shows; `None` if it shows none, or none for certain."""
    strip = _strip(portrait, mouth, frame)
    if strip is None:
        return None
    upper, separation = _upper_run(strip)
    doubt = _doubt(upper, strip, separation, frame.unit)
    if doubt > MAX_DOUBT:
        return None
    lower = _lower_run(strip, upper)
    sampler = _Sampler(portrait, frame, region, strip)
    row = sampler.upper(upper)
    left, right = _ends(upper, strip)
    return OwnTeeth(
        row,
        None if lower is None else sampler.lower(lower),
        0.0 if lower is None else _top(lower, strip) - mouth.middle,
        sampler.colour(row, upper),
        left,
        right,
        doubt,
    )


def _strip(portrait: Image, mouth: RestingMouth, frame: FeatureFrame) -> _Strip | None:
    """Returns the strip; `None` if the lips are closed."""
    u = np.arange(-0.5, 0.5 + CELL / 2, CELL, dtype=np.float32)
    curves = mouth.at(u)
    gap = curves.lower_inner - curves.upper_inner
    if float(gap.max()) < MIN_GAP:
        return None
    depth = np.arange(-ABOVE, float(gap.max()) + BELOW, CELL, dtype=np.float32)
    across, down = np.meshgrid(u, depth)
    pixels = frame.pixels(np.stack([across.ravel(), (down + curves.upper_inner).ravel()], axis=1))
    x, y = (np.ascontiguousarray(axis).reshape(across.shape) for axis in pixels.T)
    found = cv2.remap(portrait, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(found.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    return _Strip(u, depth, np.asarray(lab, dtype=np.float32) * _WEIGHTS, curves, gap)


def _whiteness(strip: _Strip, half: Mask) -> tuple[Mask, float]:
    """Returns where a half of the mouth is nearer to its teeth than to the lips, and how far both differ."""
    curves, depth = strip.curves, strip.depth[:, None]
    between = np.abs(strip.u) < END
    over = (depth < -LIP_RIM) & (depth > curves.upper_outer - curves.upper_inner)
    under = (depth > strip.gap + LIP_RIM) & (depth < strip.gap + curves.lower_outer - curves.lower_inner)
    lips = np.median(strip.seen[(over | under) & between], axis=0)
    inside = half & (depth > 0) & (depth < strip.gap) & between
    within = strip.seen[inside]
    light = within[:, 0] - within[:, 1]
    teeth = np.median(within[light >= np.percentile(light, WHITEST)], axis=0)
    away = teeth - lips
    # The dark of an open mouth differs from lips too, but teeth are hardly ever darker than those.
    separation = float(np.linalg.norm(away)) if teeth[0] > DARKEST * lips[0] else 0.0
    share = (strip.seen - lips) @ away / max(separation**2, 1e-6)
    white = inside & (share > HALF_WAY) & (strip.seen[:, :, 0] > MIN_LIGHT * teeth[0])
    joined = cv2.morphologyEx(white.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return np.asarray(joined > 0), separation


def _upper_run(strip: _Strip) -> tuple[_Run, float]:
    """Returns the row that begins near the upper lip, or below the gums that a wide smile shows.

    The second result is how far its colour is from that of the lips.
    """
    half = strip.depth[:, None] < np.maximum(UPPER_HALF, 0.5 * strip.gap)
    white, separation = _whiteness(strip, half)
    first, end = _longest_run(white)
    found = (strip.depth[first] < GUMS) & (end > first)
    return _unbroken(strip.depth[first] - CELL / 2, strip.depth[end - 1] + CELL / 2, found), separation


def _lower_run(strip: _Strip, upper: _Run) -> _Run | None:
    """Returns the row that stands behind the lower lip, apart from the upper one; `None` for none."""
    below = np.where(upper.columns, upper.bottom, 0) + 2 * CELL
    white, separation = _whiteness(strip, strip.depth[:, None] > np.maximum(below, 0.5 * strip.gap))
    first, end = _longest_run(white)
    top, bottom = strip.depth[first] - CELL / 2, strip.depth[end - 1] + CELL / 2
    run = _unbroken(top, bottom, (end > first) & (strip.gap - bottom < LOWER_REACH))
    seen = run.columns[np.abs(strip.u) < MIDDLE].mean() > MIN_COLUMNS
    return run if seen and separation > 1.5 * MIN_SEPARATION else None


def _longest_run(white: Mask) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Returns where the longest run of set cells in each column begins and ends; both 1 for none."""
    length, best = np.zeros(white.shape[1], dtype=np.intp), np.zeros(white.shape[1], dtype=np.intp)
    end = np.ones(white.shape[1], dtype=np.intp)
    for row, cells in enumerate(white):
        length = np.where(cells, length + 1, 0)
        longer = length > best
        best, end = np.where(longer, length, best), np.where(longer, row + 1, end)
    return end - best, end


def _unbroken(top: Array, bottom: Array, found: Mask) -> _Run:
    """Returns the widest run of columns that are tall enough, with narrow holes in it filled."""
    tall = found & (bottom - top >= MIN_HEIGHT)
    filled = cv2.morphologyEx(tall.astype(np.uint8)[None], cv2.MORPH_CLOSE, np.ones((1, 7), np.uint8))
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(filled)
    row = np.zeros(len(tall), dtype=bool)
    if len(sizes) > 1:
        row = parts[0] == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
    columns = np.arange(len(tall))
    edges: list[Array] = []
    for edge in (top, bottom):
        known = np.interp(columns, columns[row & tall], edge[row & tall]) if row.any() else edge
        smooth = cv2.medianBlur(known.astype(np.float32)[None], 3)[0]
        edges.append(np.where(row, smooth, np.nan).astype(np.float32))
    return _Run(*edges)


def _doubt(upper: _Run, strip: _Strip, separation: float, unit: float) -> float:
    """Returns how doubtful it is that the run is a row of teeth, 0 to 1.

    Teeth are seen in the middle of the mouth, their colour is not that of the lips, and they are as tall as
    teeth, in pixels too.
    """
    if not upper.columns.any():
        return 1.0
    height = float(np.nanmedian(upper.bottom - upper.top))
    middle = float(upper.columns[np.abs(strip.u) < MIDDLE].mean())
    certain = (
        (middle - MIN_COLUMNS) / (1 - MIN_COLUMNS),
        (separation - MIN_SEPARATION) / MIN_SEPARATION,
        (height * unit - MIN_PIXELS) / MIN_PIXELS,
        (MAX_HEIGHT - height) / (0.2 * MAX_HEIGHT),
    )
    return 1 - float(np.clip(min(certain), 0, 1))


def _ends(upper: _Run, strip: _Strip) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Returns the ends of the row beyond which lips hide what is behind them; `None` for a seen end."""
    edge = strip.curves.upper_inner + upper.bottom
    columns = np.flatnonzero(upper.columns)
    left, right = (
        (float(strip.u[column]), float(edge[column])) if strip.gap[column] < MIN_GAP + MIN_HEIGHT else None
        for column in (columns[0], columns[-1])
    )
    return left, right


def _top(run: _Run, strip: _Strip) -> float:
    """Returns v of the upper edge of a row in the middle of the mouth."""
    near = run.columns & (np.abs(strip.u) < MIDDLE)
    return float(np.median((strip.curves.upper_inner + run.top)[near]))


class _Sampler:
    """Samples rows of teeth out of a portrait for the pixels of a region."""

    def __init__(self, portrait: Image, frame: FeatureFrame, region: Region, strip: _Strip) -> None:
        self._portrait, self._frame, self._strip = portrait, frame, strip
        self._u, self._v = frame.coordinates(region)
        self._fringe = FRINGE_PIXELS / frame.unit
        self._upper_lip = self._line(strip.curves.upper_inner, strip.u)
        self._lower_lip = self._line(strip.curves.lower_inner, strip.u)

    def upper(self, run: _Run) -> TeethRow:
        """Returns the upper row: behind the lip it goes on as what is seen at the lip's edge.

        At its sides it fades into what is seen there.
        """
        _, bottom, beside = self._edges(run)
        bottom = np.minimum(bottom, self._lower_lip - SHADOW)
        last = bottom - self._fringe
        top = np.minimum(self._upper_lip + SHADOW, last)
        opacity = self._between(self._upper_lip - CONTINUED, bottom) * (1 - eased(beside / FADE_ASIDE))
        return TeethRow(self._pixels(np.clip(self._v, top, last)), opacity.astype(np.float32))

    def lower(self, run: _Run) -> TeethRow:
        """Returns the lower row: behind the lip it goes on as what is seen there. It stands in the shade."""
        top, bottom, beside = self._edges(run)
        opacity = self._between(top, bottom + CONTINUED) * (1 - eased(beside / FADE_LOWER))
        first = top + self._fringe
        source = np.clip(self._v, first, np.maximum(first, bottom - SHADOW))
        return TeethRow(IN_SHADE * self._pixels(source), opacity.astype(np.float32))

    def colour(self, row: TeethRow, run: _Run) -> Colour:
        """Returns the typical colour of a row in the middle of the mouth."""
        top, bottom, _ = self._edges(run)
        core = (np.abs(self._u) < MIDDLE) & (self._v > top) & (self._v < bottom) & (row.opacity > 0.99)
        return np.median(row.picture[core], axis=0).astype(np.float32)

    def _edges(self, run: _Run) -> tuple[Array, Array, Array]:
        """Returns v of a row's upper and lower edge, and how far beyond its ends a place is.

        Beyond its ends a row curves upwards.
        """
        columns, lip = run.columns, self._strip.curves.upper_inner
        u = self._strip.u[columns]
        inside = np.clip(self._u, u[0], u[-1])
        rise = ARCH * (self._u**2 - inside**2)
        top, bottom = (self._line((lip + edge)[columns], u) - rise for edge in (run.top, run.bottom))
        return top, bottom, np.abs(self._u - inside)

    def _line(self, v: Array, u: Array) -> Array:
        return np.interp(self._u, u, v).astype(np.float32)

    def _between(self, top: Array, bottom: Array) -> Array:
        """Returns one between the edges, fading over `EDGE_PIXELS` at them."""
        soft = EDGE_PIXELS / self._frame.unit
        return np.clip(0.5 + np.minimum(self._v - top, bottom - self._v) / soft, 0, 1)

    def _pixels(self, v: Array) -> Array:
        """Returns what the portrait shows at the u of each pixel and this v, (height, width, 3)."""
        places = self._frame.pixels(np.stack([self._u.ravel(), v.ravel()], axis=1))
        x, y = (np.ascontiguousarray(axis, np.float32).reshape(v.shape) for axis in places.T)
        found = cv2.remap(self._portrait, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, dtype=np.float32)
