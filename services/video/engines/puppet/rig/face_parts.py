"""Draws the parts of the face that move, mouth and eyes, when they change."""

from collections import OrderedDict
from collections.abc import Iterator

from services.video.engines.puppet.eyes.eyes import Eyes
from services.video.engines.puppet.eyes.pose import EyesPose
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Image, Region
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.mouth.mouth import Mouth
from services.video.engines.puppet.rig.overlap import Seam

KEPT_BYTES = 24_000_000


class FaceParts:
    """Mouth and eyes of one portrait."""

    def __init__(self, portrait: Image, face: Face, *, smooth: bool = True) -> None:
        """Prepares mouth and eyes.

        `smooth` samples the portrait sharply; it is worth its time where pixels are not enlarged.
        """
        self._mouth = Mouth(portrait, face, smooth=smooth)
        self._eyes = Eyes(portrait, face, smooth=smooth)
        self._seam = Seam(self._eyes, self._mouth)
        self._poses: tuple[LipPose, EyesPose] | None = None
        self._kept: OrderedDict[EyesPose, Image] = OrderedDict()

    @property
    def regions(self) -> tuple[Region, ...]:
        return self._mouth.region, self._eyes.region

    def changed(self, lips: LipPose, eyes: EyesPose) -> Iterator[tuple[Image, Region]]:
        """Yields BGR patches, with their places, of what has changed since the last call; at first of all."""
        before = self._poses or (None, None)
        if before == (lips, eyes):
            return
        if lips != before[0]:
            self._mouth_patch = self._mouth.drawn(lips)
        eyes_patch = self._drawn_eyes(eyes)
        if lips != before[0]:
            yield self._seam.mouth(self._mouth_patch, eyes_patch), self._mouth.region
        if eyes != before[1]:
            yield self._seam.eyes(eyes_patch, self._mouth_patch), self._eyes.region
        self._poses = lips, eyes

    def _drawn_eyes(self, pose: EyesPose) -> Image:
        """Returns the eyes in a pose. The last drawings are kept, because poses repeat in every blink."""
        if pose not in self._kept:
            self._kept[pose] = self._eyes.drawn(pose)
            if len(self._kept) * self._kept[pose].nbytes > KEPT_BYTES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(pose)
        return self._kept[pose]
