"""Window around one eye, in which its lids are drawn."""

from dataclasses import dataclass

import numpy as np

from services.video.engines.puppet.geometry.face import EyeOutline
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Region


@dataclass(frozen=True, slots=True)
class EyeWindow:
    """Window around an eye: `place` in the picture is `part` of the region of the eyes.

    `u` and `v` of each pixel are eye widths in `frame`, whose corners are those of the eye; `lid` and
    `underlid` are v of the open lids at the pixel's u, level beyond the corners.
    """

    frame: FeatureFrame
    place: Region
    part: Region
    u: Array
    v: Array
    lid: Array
    underlid: Array

    @classmethod
    def around(cls, eye: EyeOutline, region: Region, aside: float, up: float, down: float) -> "EyeWindow":
        """Returns the window around the eye within `region`; distances are in eye widths.

        `up` and `down` count from the lids, `aside` from the middle to either side.
        """
        frame = FeatureFrame.between(eye.lid[0], eye.lid[-1])
        lid, underlid = frame.uv(eye.lid), frame.uv(eye.underlid)
        top, bottom = lid[:, 1].min() - up, underlid[:, 1].max() + down
        corners = np.array([(u, v) for u in (-aside, aside) for v in (top, bottom)])
        inside = frame.pixels(corners) - np.array([region.left, region.top])
        part = Region.around(inside, (region.width, region.height))
        place = part.moved(region.left, region.top)
        u, v = frame.coordinates(place)
        above = np.interp(u, lid[:, 0], lid[:, 1]).astype(np.float32)
        below = np.interp(u, underlid[:, 0], underlid[:, 1]).astype(np.float32)
        return cls(frame, place, part, u, v, above, np.maximum(below, above))
