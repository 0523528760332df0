"""Closes an eye of an animal or a drawing by stretching what is around it, fur or ink, over it."""

import numpy as np

from services.video.engines.puppet.eyes.eye_window import EyeWindow
from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.face import EyeOutline
from services.video.engines.puppet.geometry.resampling import resampled
from services.video.engines.puppet.geometry.types import Array, Image, Region

REACH_ASIDE, REACH_UP, REACH_DOWN = 0.75, 0.6, 0.5
FROM_ABOVE = 0.7
"""Part of the way that the upper lid goes."""
LASHES, LASH_DARKNESS = 0.05, 0.55


class DrawnEyelid:
    """Lids of one eye, made of what lies above and below it; their rims meet in a dark line."""

    def __init__(self, eye: EyeOutline, region: Region) -> None:
        """Measures the eye; `region` is that of the patches to be changed."""
        self._window = window = EyeWindow.around(eye, region, REACH_ASIDE, REACH_UP, REACH_DOWN)
        self._opening = window.underlid - window.lid
        rows, columns = np.indices(window.u.shape)
        self._x, self._y = columns.astype(np.float32), rows.astype(np.float32)
        self._taper = np.clip((1.1 - np.abs(2 * window.u)) / 0.3, 0, 1)

    def lower(self, patch: Image, shut: float) -> None:
        """Draws the lids over the patch; `shut` is above 0 for hardly, 1 for a closed eye."""
        window, part = self._window, self._window.part.of(patch)
        fall, rise = FROM_ABOVE * shut * self._opening, (1 - FROM_ABOVE) * shut * self._opening
        above, below = window.lid + fall - window.v, window.v - window.underlid + rise
        lids = self._stretched(part, above, below, fall, rise)
        over = np.clip(0.5 + np.maximum(above, below) * window.frame.unit / 1.5, 0, 1)[:, :, None]
        drawn = part + over * (lids - part.astype(np.float32))
        lashes = LASH_DARKNESS * min(1.0, 2 * shut) * self._taper * np.exp(-((above / LASHES) ** 2))
        part[:] = drawn * (1 - lashes[:, :, None]) + 0.5

    def _stretched(self, part: Image, above: Array, below: Array, fall: Array, rise: Array) -> Image:
        """Returns the part with its lids stretched.

        What is seen on the lids comes from further up and further down, the more the nearer to the eye.
        """
        down = fall * eased(1 - above / (REACH_UP + fall)) * (above > below)
        up = rise * eased(1 - below / (REACH_DOWN + rise)) * (above <= below)
        moved = (up - down) * self._window.frame.unit
        cos, sin = self._window.frame.axis[0], self._window.frame.axis[1]
        return resampled(part, self._x - moved * sin, self._y + moved * cos, smooth=True)
