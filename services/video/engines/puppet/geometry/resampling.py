"""Looking pixels up at places between pixels."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.types import Array, Image

MAX_SMOOTH_PIXELS = 100_000


def looked_up(picture: Image, x: Array, y: Array, *, smooth: bool) -> Image:
    """What `picture` shows at the places (x, y), each (height, width); beyond its edges it goes on as there.

    `smooth` takes the sharper and slower cubic interpolation, for places that are not too many.
    """
    # Both maps must be float32: OpenCV 5.0.0.93 never returns from `remap` with a float64 second map.
    # Two maps are looked up three times as fast as one map of pairs.
    x, y = x.astype(np.float32, copy=False), y.astype(np.float32, copy=False)
    method = cv2.INTER_CUBIC if smooth and x.size <= MAX_SMOOTH_PIXELS else cv2.INTER_LINEAR
    found = cv2.remap(picture, x, y, method, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, dtype=np.uint8)
