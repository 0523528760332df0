"""The portrait made ready to be moved: draws one frame after the other."""

import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.eyelid import Eyelid
from services.video.engines.puppet.face import Face
from services.video.engines.puppet.head import Head, HeadPose
from services.video.engines.puppet.i420 import I420Picture, Plane
from services.video.engines.puppet.lip_pose import LipPose
from services.video.engines.puppet.locator import Image
from services.video.engines.puppet.mouth import Mouth

LID_LEVELS = 12


class Stage:
    """Only what moves is drawn: the mouth, an eye that blinks, and the region around the head."""

    def __init__(
        self,
        portrait: Image,
        face: Face,
        person: npt.NDArray[np.bool_] | None = None,
        *,
        smooth: bool = True,
    ) -> None:
        """`portrait` has even sides; `face` and `person` are in its pixels.

        `smooth` is for portraits that are not enlarged.
        """
        height, width = portrait.shape[:2]
        self.size = width, height
        self._mouth = Mouth(portrait, face, smooth=smooth)
        self._eyelids = [Eyelid(portrait, eye) for eye in face.eyes]
        self._head = Head(face, (width, height), person, smooth=smooth)
        self._still = I420Picture.from_bgr(portrait)
        self._frame = self._still.copy()
        self._lids: dict[int, list[I420Picture]] = {}
        self._lid_level = 0

    def drawn(self, lips: LipPose, shut: float, head: HeadPose) -> Plane:
        """The frame as I420, (height * 3 / 2, width); it is valid until the next call."""
        self._lower_lids(round(shut * LID_LEVELS))
        self._still.put(I420Picture.from_bgr(self._mouth.drawn(lips)), self._mouth.region)
        self._head.move(self._still, self._frame, head)
        return self._frame.buffer

    def _lower_lids(self, level: int) -> None:
        if level == self._lid_level:
            return
        if level not in self._lids:
            patches = [I420Picture.from_bgr(lid.drawn(level / LID_LEVELS)) for lid in self._eyelids]
            self._lids[level] = patches
        for lid, patch in zip(self._eyelids, self._lids[level], strict=True):
            self._still.put(patch, lid.region)
        self._lid_level = level
