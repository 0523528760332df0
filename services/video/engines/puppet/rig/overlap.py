"""Divides the pixels where the rectangles of eyes and mouth overlap, as they do on a leaning face."""

from services.video.engines.puppet.eyes.eyes import Eyes
from services.video.engines.puppet.geometry.types import Image, Mask, Region
from services.video.engines.puppet.mouth.mouth import Mouth


class Seam:
    """Line across the face that neither part moves: on either side pixels are the eyes' or the mouth's."""

    def __init__(self, eyes: Eyes, mouth: Mouth) -> None:
        self._common = _common(eyes.region, mouth.region)
        self._of_eyes: Mask | None = None
        if self._common is not None:
            self._of_eyes = eyes.reach(self._common)
            self._in_eyes = self._common.moved(-eyes.region.left, -eyes.region.top)
            self._in_mouth = self._common.moved(-mouth.region.left, -mouth.region.top)

    def eyes(self, eyes: Image, mouth: Image) -> Image:
        """Returns the patch of the eyes, with the mouth's pixels taken from the mouth's patch."""
        if self._of_eyes is None:
            return eyes
        shared = eyes.copy()
        self._in_eyes.of(shared)[~self._of_eyes] = self._in_mouth.of(mouth)[~self._of_eyes]
        return shared

    def mouth(self, mouth: Image, eyes: Image) -> Image:
        """Returns the patch of the mouth, with the eyes' pixels taken from the eyes' patch."""
        if self._of_eyes is None:
            return mouth
        shared = mouth.copy()
        self._in_mouth.of(shared)[self._of_eyes] = self._in_eyes.of(eyes)[self._of_eyes]
        return shared


def _common(one: Region, other: Region) -> Region | None:
    left, top = max(one.left, other.left), max(one.top, other.top)
    width = min(one.left + one.width, other.left + other.width) - left
    height = min(one.top + one.height, other.top + other.height) - top
    return Region(left, top, width, height) if width > 0 and height > 0 else None
