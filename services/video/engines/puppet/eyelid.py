"""Draws one eye of the portrait with its upper lid lowered."""

import cv2
import numpy as np

from services.video.engines.puppet.face import EyeOutline
from services.video.engines.puppet.feature_frame import Array, FeatureFrame, Region
from services.video.engines.puppet.locator import Image

REACH_ASIDE, REACH_UP, REACH_DOWN = 0.85, 0.35, 0.35
RIM = 0.07
LASHES, LASH_DARKNESS = 0.05, 0.62
CREASE, CREASE_DARKNESS = 0.05, 0.2
TONE = 0.4
GROWN_AT = 48.0


class Eyelid:
    """The lid is the skin around the eye, grown over it; it slides down behind a line of lashes."""

    def __init__(self, portrait: Image, eye: EyeOutline) -> None:
        self._frame = FeatureFrame.between(eye.lid[0], eye.lid[-1])
        lid, underlid = self._frame.uv(eye.lid), self._frame.uv(eye.underlid)
        top, bottom = lid[:, 1].min() - REACH_UP, underlid[:, 1].max() + REACH_DOWN
        corners = np.array([(u, v) for u in (-REACH_ASIDE, REACH_ASIDE) for v in (top, bottom)])
        height, width = portrait.shape[:2]
        self.region = Region.around(self._frame.pixels(corners), (width, height))
        self._eye = self.region.of(portrait).copy()
        self._u, self._v = self._coordinates()
        self._lid = np.interp(self._u, lid[:, 0], lid[:, 1])
        self._underlid = np.interp(self._u, underlid[:, 0], underlid[:, 1])
        self._opening = self._mask(np.concatenate([eye.lid, eye.underlid[::-1]]))
        self._skin = self._grown_skin()

    def drawn(self, shut: float) -> Image:
        """(region height, region width, 3) BGR; `shut` is 0 for the eye as it is, 1 for a closed one."""
        edge = self._lid + shut * np.maximum(0, self._underlid - self._lid)
        above = edge - self._v
        over = self._opening * np.clip(0.5 + above * self._frame.unit / 1.5, 0, 1)
        over *= min(1.0, 4 * shut)
        arch = 1 - 0.14 * np.clip(1 - above / 0.3, 0, 1)
        lashes = 1 - LASH_DARKNESS * np.exp(-((above / LASHES) ** 2))
        crease = 1 - CREASE_DARKNESS * shut * np.exp(-(((self._v - self._lid) / CREASE) ** 2))
        lid = self._skin * (arch * lashes * crease)[:, :, None]
        return (self._eye + over[:, :, None] * (lid - self._eye) + 0.5).astype(np.uint8)

    def _mask(self, outline: Array) -> Array:
        """One in the opening of the eye with the rims of the lids, fading at its border."""
        mask = np.zeros(self._eye.shape[:2], dtype=np.uint8)
        inside = outline - np.array([self.region.left, self.region.top])
        cv2.fillPoly(mask, [np.round(inside).astype(np.int32)], 255)
        rim = max(1, round(RIM * self._frame.unit))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
        soft = cv2.GaussianBlur(cv2.dilate(mask, kernel), (0, 0), max(0.7, rim / 3))
        return np.asarray(soft, dtype=np.float32) / 255

    def _grown_skin(self) -> Array:
        """The skin around the eye grown over it; worked out small, for it is smooth and growing is slow."""
        height, width = self._eye.shape[:2]
        shrink = min(1.0, GROWN_AT / self._frame.unit)
        small = max(8, round(width * shrink)), max(8, round(height * shrink))
        eye = cv2.resize(self._eye, small, interpolation=cv2.INTER_AREA)
        hidden = cv2.resize((self._opening > 0.02).astype(np.uint8), small, interpolation=cv2.INTER_NEAREST)
        unit = self._frame.unit * shrink
        skin = cv2.inpaint(eye, hidden, max(3.0, 0.08 * unit), cv2.INPAINT_TELEA)
        skin = cv2.GaussianBlur(skin, (0, 0), max(0.8, 0.05 * unit)).astype(np.float32)
        grown = cv2.resize(skin, (width, height), interpolation=cv2.INTER_CUBIC)
        return grown + TONE * (self._tone_below() - grown)

    def _tone_below(self) -> Array:
        """(3,): the skin under the eye, for what grows out of lashes, make-up and glare has odd colours."""
        depth = self._v - self._underlid
        below = self._eye[(depth > 0.14) & (depth < 0.32) & (np.abs(self._u) < 0.4)]
        return np.median(below, axis=0) if len(below) else self._eye.mean(axis=(0, 1))

    def _coordinates(self) -> tuple[Array, Array]:
        x, y = self.region.pixel_grid()
        uv = self._frame.uv(np.stack([x.ravel(), y.ravel()], axis=1))
        return uv[:, 0].reshape(x.shape), uv[:, 1].reshape(x.shape)
