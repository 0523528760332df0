"""Canvas that holds the portrait with the current mouth and eyes drawn on it."""

from services.video.engines.puppet.frames.colours import Colours
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Image, Plane, Region

CONTEXT = 8


class Canvas:
    """Portrait to draw on, kept enlarged `times` times.

    A portrait with fewer pixels than the video is drawn on at about its own size, and only then enlarged:
    between its pixels there is nothing to be seen.
    """

    def __init__(self, portrait: Image, times: int = 1, opacity: Plane | None = None) -> None:
        """Copies the portrait, which has even sides.

        `opacity` is (height, width), where the portrait is not opaque everywhere.
        """
        self._times = times
        self._drawn = Planes.from_bgr(portrait, opacity)
        self.planes = self._drawn.enlarged(times)
        self.colours = Colours(self.planes)

    def paste(self, patch: Image, region: Region) -> None:
        """Pastes a BGR patch of the region's size; the region is in pixels of the portrait, and even."""
        self._drawn.of(region).fill(Planes.from_bgr(patch))
        self.colours.update(region if self._times == 1 else self._enlarged(region))

    def _enlarged(self, region: Region) -> Region:
        """Enlarges the region again and returns what has changed on the enlarged portrait.

        The pixels around the region change too, so that its border cannot be seen.
        """
        reached = region.grown(CONTEXT // 2, self._drawn.size)
        source = region.grown(CONTEXT, self._drawn.size)
        larger = self._drawn.of(source).enlarged(self._times)
        inside = reached.moved(-source.left, -source.top).times(self._times)
        changed = reached.times(self._times)
        self.planes.of(changed).fill(larger.of(inside))
        return changed
