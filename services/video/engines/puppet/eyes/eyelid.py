"""Lowers the upper lid of one eye of the portrait."""

import cv2
import numpy as np

from services.video.engines.puppet.eyes.eye_window import EyeWindow
from services.video.engines.puppet.geometry.face import EyeOutline
from services.video.engines.puppet.geometry.types import Array, Image, Region

REACH_ASIDE, REACH_UP, REACH_DOWN = 0.75, 0.3, 0.35
RIM = 0.06
LASHES, LASH_DARKNESS = 0.045, 0.8
CREASE, CREASE_DARKNESS = 0.05, 0.12
ROUNDNESS = 0.1
MIN_TONE, STRANGE_TONE = 0.4, 70.0
GROWN_AT = 48.0
GRAIN_BELOW, MAX_GRAIN = 0.1, 14.0


class Eyelid:
    """Upper lid of one eye: the skin around it, grown over it, that slides down behind a line of lashes."""

    def __init__(self, portrait: Image, eye: EyeOutline, region: Region) -> None:
        """Grows the lid; `region` is that of the patches to be changed."""
        window = EyeWindow.around(eye, region, REACH_ASIDE, REACH_UP, REACH_DOWN)
        self._part, self._frame = window.part, window.frame
        self._u, self._v, self._lid, self._underlid = window.u, window.v, window.lid, window.underlid
        self._eye = window.place.of(portrait).astype(np.float32)
        self._corner = np.array([window.place.left, window.place.top])
        outline = np.concatenate([eye.lid, eye.underlid[::-1]]) - self._corner
        self._opening = self._mask(outline)
        self._skin = np.clip(self._grown_skin() + self._grain(), 0, 255)
        self._lashes = self._lash_colour()
        self._taper = np.clip((1.35 - np.abs(2 * self._u)) / 0.35, 0, 1)

    def lower(self, patch: Image, shut: float) -> None:
        """Draws the lid over the patch; `shut` is above 0 for hardly, 1 for a closed eye."""
        edge = self._lid + shut * (self._underlid - self._lid)
        above = edge - self._v
        over = self._opening * np.clip(0.5 + above * self._frame.unit / 1.5, 0, 1) * min(1.0, 4 * shut)
        lid = self._skin * self._shade(above, edge, shut)[:, :, None]
        part = self._part.of(patch)
        drawn = part + over[:, :, None] * (lid - part)
        # The lashes hang over the edge, and throw a little shade on the eye below.
        lashes = np.exp(-((above / np.where(above > 0, LASHES, 0.6 * LASHES)) ** 2)) * self._opening
        lashes *= LASH_DARKNESS * self._taper * min(1.0, 4 * shut)
        part[:] = drawn + lashes[:, :, None] * (self._lashes - drawn) + 0.5

    def _shade(self, above: Array, edge: Array, shut: float) -> Array:
        """Returns the brightness of the lid.

        The eyeball makes it round: lightest below its middle; its fold above is in the shade.
        """
        height = np.maximum(edge - self._lid + RIM, 1e-3)
        rise = np.clip(above / height, 0, 1)
        bulge = 1 - ROUNDNESS * (1 - rise**4) * (2 * rise - 0.8) ** 2
        fold = np.exp(-(((self._v - self._lid + 0.5 * RIM) / CREASE) ** 2))
        return bulge * (1 - CREASE_DARKNESS * shut * self._taper * fold)

    def _mask(self, outline: Array) -> Array:
        """Returns one in the opening of the eye with the rims and upper lashes, fading at its border."""
        mask = np.zeros(self._eye.shape[:2], dtype=np.uint8)
        cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255)
        rim = max(1, round(RIM * self._frame.unit))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3 * rim + 1, 5 * rim + 1))
        # The kernel's anchor near its end makes the mask grow upwards further than to the other sides.
        grown = cv2.dilate(mask, kernel, anchor=(3 * rim // 2, 3 * rim // 2))
        soft = cv2.GaussianBlur(grown, (0, 0), max(0.7, 0.75 * rim))
        return np.asarray(soft, dtype=np.float32) / 255

    def _grown_skin(self) -> Array:
        """Returns the skin around the eye grown over it.

        It is computed at a small size, because it is smooth and growing is slow.
        """
        height, width = self._eye.shape[:2]
        shrink = min(1.0, GROWN_AT / self._frame.unit)
        small = max(8, round(width * shrink)), max(8, round(height * shrink))
        eye = cv2.resize(self._eye.astype(np.uint8), small, interpolation=cv2.INTER_AREA)
        hidden = cv2.resize((self._opening > 0.02).astype(np.uint8), small, interpolation=cv2.INTER_NEAREST)
        unit = self._frame.unit * shrink
        skin = cv2.inpaint(eye, hidden, max(3.0, 0.08 * unit), cv2.INPAINT_TELEA)
        skin = cv2.GaussianBlur(skin, (0, 0), max(0.8, 0.05 * unit)).astype(np.float32)
        grown = cv2.resize(skin, (width, height), interpolation=cv2.INTER_CUBIC)
        strange = np.abs(grown - self._tone_below()).max(axis=2) / STRANGE_TONE
        # The lid keeps the tones that it meets above, and takes that below where it is over the eye.
        inside: Array = cv2.GaussianBlur(self._opening, (0, 0), max(1.0, RIM * self._frame.unit)) ** 2
        share = np.clip(strange, MIN_TONE, 1) * inside
        return grown + share[:, :, None] * (self._tone_below() - grown)

    def _tone_below(self) -> Array:
        """Returns the colour of the skin under the eye, (3,).

        The lid needs it because what grows out of lashes, make-up and glare has odd colours.
        """
        depth = self._v - self._underlid
        below = self._eye[(depth > 0.14) & (depth < 0.32) & (np.abs(self._u) < 0.4)]
        return np.median(below, axis=0) if len(below) else self._eye.mean(axis=(0, 1))

    def _lash_colour(self) -> Array:
        """Returns a colour as dark as the dark parts along the edge of the open lid, (3,)."""
        rim = self._eye[(np.abs(self._v - self._lid) < RIM) & (np.abs(self._u) < 0.45)]
        if not len(rim):
            return self._tone_below() * 0.4
        return rim[np.argsort(rim.sum(axis=1))[: max(1, len(rim) // 3)]].mean(axis=0)

    def _grain(self) -> Array:
        """Returns the fine texture of the skin under the eye mirrored onto the lid, (height, width, 3)."""
        fine = self._eye - cv2.GaussianBlur(self._eye, (0, 0), max(1.0, 0.05 * self._frame.unit))
        mirror = float(self._underlid.max()) + GRAIN_BELOW
        mirrored = np.stack([self._u, 2 * mirror - self._v], axis=2).reshape(-1, 2)
        x, y = (self._frame.pixels(mirrored) - self._corner).reshape(*self._u.shape, 2).transpose(2, 0, 1)
        x, y = np.ascontiguousarray(x, np.float32), np.ascontiguousarray(y, np.float32)
        grain = cv2.remap(fine, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        return np.clip(np.asarray(grain, dtype=np.float32), -MAX_GRAIN, MAX_GRAIN)
