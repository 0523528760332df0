"""Draws the eyes and brows of the portrait in any pose."""

from dataclasses import replace

from services.video.engines.puppet.eyes.drawn_eyelid import DrawnEyelid
from services.video.engines.puppet.eyes.eyelid import Eyelid
from services.video.engines.puppet.eyes.glasses import wears_glasses
from services.video.engines.puppet.eyes.iris import Iris
from services.video.engines.puppet.eyes.pose import EyesPose
from services.video.engines.puppet.eyes.warp import EyesWarp
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.resampling import resampled
from services.video.engines.puppet.geometry.types import Image, Mask, Region

BROWS_BEHIND_GLASSES = 0.15


class Eyes:
    """Eyes of one portrait; `region` is where the result of `drawn` belongs in the portrait."""

    def __init__(self, portrait: Image, face: Face, *, smooth: bool = True) -> None:
        """Prepares the eyes.

        `smooth` samples the portrait sharply; it is worth its time where pixels are not enlarged.
        """
        self._portrait, self._smooth = portrait, smooth
        height, width = portrait.shape[:2]
        brows_move = BROWS_BEHIND_GLASSES if wears_glasses(portrait, face) else 1.0
        self._warp = EyesWarp(face, (width, height), brows_move)
        self.region = self._warp.region
        self._lids = tuple(
            DrawnEyelid(eye, self.region) if face.fitted else Eyelid(portrait, eye, self.region)
            for eye in face.eyes
        )
        self._irises = tuple(Iris(eye, self.region) for eye in face.eyes)
        self._warped: tuple[EyesPose, Image] | None = None

    def reach(self, region: Region) -> Mask:
        """Returns which pixels of a region are the eyes', (height, width).

        The region may be any; pixels are the eyes' even if the mouth's region has them too.
        """
        return self._warp.reach(region)

    def drawn(self, pose: EyesPose) -> Image:
        """Returns the region in a pose, (region height, region width, 3) BGR."""
        patch = self._with_open_lids(pose).copy()
        for lid, shut in zip(self._lids, (pose.shut_left, pose.shut_right), strict=True):
            if shut > 0:
                lid.lower(patch, shut)
        return patch

    def _with_open_lids(self, pose: EyesPose) -> Image:
        """Returns the region with open lids; it is drawn anew only if more than a blink has changed."""
        pose = replace(pose, shut_left=min(0.0, pose.shut_left), shut_right=min(0.0, pose.shut_right))
        if self._warped is None or self._warped[0] != pose:
            x, y = self._warp.maps(pose)
            for iris in self._irises:
                iris.look(x, y, pose)
            self._warped = pose, resampled(self._portrait, x, y, smooth=self._smooth)
        return self._warped[1]
