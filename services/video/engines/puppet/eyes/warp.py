"""Computes where each pixel around the eyes comes from in the portrait when brows and lids move.

The frame runs from the middle of one eye (u = -0.5) to that of the other (u = 0.5). The fields are computed
on a coarse grid of it, whose size does not depend on that of the picture.
"""

import numpy as np

from services.video.engines.puppet.eyes.pose import EyesPose
from services.video.engines.puppet.geometry.easing import eased, through
from services.video.engines.puppet.geometry.face import EyeOutline, Face
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.frame_grid import FrameGrid
from services.video.engines.puppet.geometry.types import Array, Mask, Region, Size

STEP = 0.02
REACH_ASIDE, REACH_UP, REACH_DOWN = 0.42, 0.3, 0.32
RAISED, LOWERED, KNIT_DOWN, KNIT_IN, INNER_RAISED = 0.085, 0.055, 0.07, 0.045, 0.085
WIDENED, SQUINTED, LID_WITH_BROW = 0.5, 0.4, 0.15


class EyesWarp:
    """Pixel maps of the eyes of one face in any pose."""

    def __init__(self, face: Face, picture_size: Size, brows_move: float = 1.0) -> None:
        """Measures the face.

        `brows_move` is the share of their movement that this face allows the brows: less behind glasses.
        """
        self._brows_move = brows_move
        left, right = face.eyes
        self._frame = FeatureFrame.between(_middle(left), _middle(right))
        outlines = [self._in_frame(eye) for eye in (left, right)]
        low = float(outlines[0].lid[:, 0].min()) - REACH_ASIDE
        high = float(outlines[1].lid[:, 0].max()) + REACH_ASIDE
        top = min(float(eye.brow[:, 1].min()) for eye in outlines) - REACH_UP
        bottom = max(float(eye.underlid[:, 1].max()) for eye in outlines) + REACH_DOWN
        self._grid = FrameGrid(self._frame, (low, top), (high, bottom), STEP)
        self._u, self._v = self._grid.u, self._grid.v
        corners = np.array([(u, v) for u in (low, high) for v in (top, bottom)], np.float32)
        self.region = Region.around(self._frame.pixels(corners), picture_size)
        self._pixels = self.region.pixel_grid()
        self._edge = eased((self._u - low) / REACH_ASIDE) * eased((high - self._u) / REACH_ASIDE)
        self._middle = float(outlines[0].lid[-1, 0] + outlines[1].lid[0, 0]) / 2
        self._measure(outlines)

    def _measure(self, outlines: list[EyeOutline]) -> None:
        """Measures the lines of brows and lids over u, and how far each column is within one of the eyes."""
        self._brow = _line([eye.brow for eye in outlines], self._u)
        self._lid = _line([eye.lid for eye in outlines], self._u)
        underlid = _line([eye.underlid for eye in outlines], self._u)
        self._underlid = np.maximum(underlid, self._lid + 0.01)
        self._brow = np.minimum(self._brow, self._lid - 0.06)
        self._within = [_bump(self._u, eye.lid[0, 0], eye.lid[-1, 0]) for eye in outlines]

    def maps(self, pose: EyesPose) -> tuple[Array, Array]:
        """Returns x and y in the portrait of every pixel of the region, each (height, width)."""
        across, down = -self._sideways(pose), self._sources_below(pose)
        (cos, sin), unit, (x, y) = self._frame.axis, self._frame.unit, self._pixels
        moved_x = self._grid.enlarged((across * cos - down * sin) * unit, self.region)
        moved_y = self._grid.enlarged((across * sin + down * cos) * unit, self.region)
        return x + moved_x, y + moved_y

    def reach(self, region: Region) -> Mask:
        """Returns which pixels are above the line across the face below which nothing moves.

        The result is (height, width) of the region, which may be any.
        """
        return self._frame.coordinates(region)[1] < self._v[-1, 0]

    def _sources_below(self, pose: EyesPose) -> Array:
        """Returns how far below each grid point its source lies."""
        brow = self._brow_fall(pose)
        lid = LID_WITH_BROW * brow + self._lid_fall(pose)
        underlid = -SQUINTED * pose.squint * self._opening() * sum(self._within)
        none = np.zeros_like(self._u)
        return through(
            self._v,
            [
                self._brow - 0.9 * REACH_UP,
                self._brow + brow,
                self._lid + lid,
                self._underlid + underlid,
                self._underlid + 0.8 * REACH_DOWN,
            ],
            [none, -brow, -lid, -underlid, none],
            straight=(2,),
        )

    def _brow_fall(self, pose: EyesPose) -> Array:
        inner = 1 - eased((np.abs(self._u - self._middle) - 0.14) / 0.34)
        lowered = -pose.brows * (RAISED if pose.brows > 0 else LOWERED) * (1 - 0.35 * inner)
        knit = pose.knit * inner * (KNIT_DOWN if pose.knit > 0 else INNER_RAISED)
        return (lowered + knit) * self._edge * self._brows_move

    def _lid_fall(self, pose: EyesPose) -> Array:
        wide = min(0.0, pose.shut_left) * self._within[0] + min(0.0, pose.shut_right) * self._within[1]
        return WIDENED * wide * self._opening()

    def _opening(self) -> Array:
        return np.minimum(self._underlid - self._lid, 0.3)

    def _sideways(self, pose: EyesPose) -> Array:
        """Returns how far each grid point has moved right: the inner ends of the brows, to the middle."""
        from_middle = self._u - self._middle
        pull = np.clip(from_middle / 0.12, -1, 1) * np.exp(-((from_middle / 0.3) ** 2))
        height = np.exp(-(((self._v - self._brow) / 0.13) ** 2))
        return -KNIT_IN * self._brows_move * max(0.0, pose.knit) * pull * self._edge * height

    def _in_frame(self, eye: EyeOutline) -> EyeOutline:
        return EyeOutline(*(self._frame.uv(line) for line in (eye.lid, eye.underlid, eye.brow)))


def _middle(eye: EyeOutline) -> Array:
    return (eye.lid[0] + eye.lid[-1]) / 2


def _line(curves: list[Array], u: Array) -> Array:
    points = np.concatenate(curves)
    points = points[np.argsort(points[:, 0], kind="stable")]
    return np.interp(u, points[:, 0], points[:, 1]).astype(np.float32)


def _bump(u: Array, left: float, right: float) -> Array:
    """Returns one on most of the way from `left` to `right`, zero from there on."""
    across = (u - (left + right) / 2) / ((right - left) / 2)
    return np.clip(1 - across**2, 0, 1) ** 0.6
