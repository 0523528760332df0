"""Looking pixels up at places between pixels."""

import cv2
import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.feature_frame import Array

# OpenCV 5.0.0.93 never returns from `remap` with a float64 second map.
_NO_SECOND_MAP = np.empty(0, dtype=np.float32)


def looked_up(picture: npt.NDArray[np.uint8], places: Array, *, smooth: bool) -> npt.NDArray[np.uint8]:
    """What `picture` shows at `places`, (height, width, 2) x and y; beyond its edges it goes on as there.

    `smooth` takes the sharper and slower cubic interpolation.
    """
    method = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    found = cv2.remap(
        picture,
        places.astype(np.float32, copy=False),
        _NO_SECOND_MAP,
        method,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, dtype=np.uint8)
