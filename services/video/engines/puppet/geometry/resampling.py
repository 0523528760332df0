"""Resamples pictures at places between their pixels."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.types import Array, Image

MAX_SMOOTH_PIXELS = 100_000


def resampled(picture: Image, x: Array, y: Array, *, smooth: bool) -> Image:
    """Returns what `picture` shows at the places (x, y), each (height, width); its edges continue beyond it.

    `smooth` takes the sharper and slower cubic interpolation, for at most `MAX_SMOOTH_PIXELS` places.
    """
    # Both maps must be float32: OpenCV 5.0.0.93 never returns from `remap` with a float64 second map.
    # OpenCV reads two maps three times as fast as one map of pairs.
    x, y = x.astype(np.float32, copy=False), y.astype(np.float32, copy=False)
    method = cv2.INTER_CUBIC if smooth and x.size <= MAX_SMOOTH_PIXELS else cv2.INTER_LINEAR
    found = cv2.remap(picture, x, y, method, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, dtype=np.uint8)
