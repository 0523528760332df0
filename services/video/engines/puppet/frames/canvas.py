"""The picture that is moved: the portrait, with what the face does drawn on it."""

from services.video.engines.puppet.frames.colours import Colours
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Image, Plane, Region

CONTEXT = 8


class Canvas:
    """Holds the portrait `times` as large as it is drawn on.

    A portrait with fewer pixels than the video is drawn on at about its own size, and only enlarged: there
    is nothing to be seen between its pixels.
    """

    def __init__(self, portrait: Image, times: int = 1, opacity: Plane | None = None) -> None:
        """`portrait` has even sides; `opacity` is (height, width), where it is not opaque everywhere."""
        self._times = times
        self._drawn = Planes.from_bgr(portrait, opacity)
        self.planes = self._drawn.enlarged(times)
        self.colours = Colours(self.planes)

    def lay(self, patch: Image, region: Region) -> None:
        """Puts a BGR patch of the region's size there; the region is in pixels of the portrait, and even."""
        self._drawn.of(region).fill(Planes.from_bgr(patch))
        self.colours.take(region if self._times == 1 else self._enlarged(region))

    def _enlarged(self, region: Region) -> Region:
        """What has changed: the pixels around it too, so that where the region ends cannot be seen."""
        reached = region.grown(CONTEXT // 2, self._drawn.size)
        source = region.grown(CONTEXT, self._drawn.size)
        larger = self._drawn.of(source).enlarged(self._times)
        inside = reached.moved(-source.left, -source.top).times(self._times)
        changed = reached.times(self._times)
        self.planes.of(changed).fill(larger.of(inside))
        return changed
