"""Draws one eye of the portrait with its upper lid lowered."""

import numpy as np

from services.video.engines.puppet.face import EyeOutline
from services.video.engines.puppet.feature_frame import Array, FeatureFrame, Region
from services.video.engines.puppet.locator import Image
from services.video.engines.puppet.resampling import looked_up

LASHES = 0.06
REACH = 0.62
CLOSED_SHADE = 0.94


class Eyelid:
    """The skin between the brow and the lashes is stretched over the eye; the lashes keep their width."""

    def __init__(self, portrait: Image, eye: EyeOutline) -> None:
        self._portrait = portrait
        self._frame = FeatureFrame.between(eye.lid[0], eye.lid[-1])
        lid, underlid = self._frame.uv(eye.lid), self._frame.uv(eye.underlid)
        room = float(lid[:, 1].min() - self._frame.uv(eye.brow)[:, 1].mean())
        self._skin = float(np.clip(0.62 * room, 0.12, 0.5))
        top, bottom = lid[:, 1].min() - self._skin, underlid[:, 1].max() + 0.1
        corners = np.array([(u, v) for u in (-REACH, REACH) for v in (top, bottom)], dtype=np.float32)
        height, width = portrait.shape[:2]
        self.region = Region.around(self._frame.pixels(corners), (width, height))
        self._pixels = self.region.pixel_grid()
        u, self._v = self._coordinates()
        self._lid = np.interp(u, lid[:, 0], lid[:, 1]).astype(np.float32)
        self._underlid = np.interp(u, underlid[:, 0], underlid[:, 1]).astype(np.float32)

    def drawn(self, shut: float) -> Image:
        """(region height, region width, 3) BGR; `shut` is 0 for the eye as it is, 1 for a closed one."""
        travel = shut * np.maximum(0, self._underlid - self._lid)
        edge = self._lid + travel
        skin_top = self._lid - self._skin
        share = np.clip((self._v - skin_top) / np.maximum(edge - LASHES - skin_top, 0.02), 0, 1)
        lid = self._sampled(-travel * share)
        over = np.clip(0.5 + (edge - self._v) * self._frame.unit / 1.5, 0, 1)[:, :, None]
        shade = 1 - (1 - CLOSED_SHADE) * share[:, :, None] * shut
        eye = self.region.of(self._portrait)
        return (eye + over * (lid * shade - eye) + 0.5).astype(np.uint8)

    def _sampled(self, down: Array) -> Image:
        """The portrait, looked at `down` eye widths further down the face at each pixel."""
        (cos, sin), unit = self._frame.axis, self._frame.unit
        x, y = self._pixels
        source = np.stack([x - down * unit * sin, y + down * unit * cos], axis=2).astype(np.float32)
        return looked_up(self._portrait, source, smooth=True)

    def _coordinates(self) -> tuple[Array, Array]:
        x, y = self._pixels
        uv = self._frame.uv(np.stack([x.ravel(), y.ravel()], axis=1))
        return uv[:, 0].reshape(x.shape), uv[:, 1].reshape(x.shape)
