"""Pictures in the encoder's own pixel format, so that a frame is never converted as a whole."""

import cv2
import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.feature_frame import Region
from services.video.engines.puppet.locator import Image

Plane = npt.NDArray[np.uint8]


class I420Picture:
    """`buffer` is (height * 3 / 2, width); `planes` are views of it: Y at full size, U and V at half."""

    def __init__(self, buffer: Plane, size: tuple[int, int]) -> None:
        width, height = size
        flat, luma, chroma = buffer.reshape(-1), width * height, width * height // 4
        self.buffer = buffer
        self.planes = (
            flat[:luma].reshape(height, width),
            flat[luma : luma + chroma].reshape(height // 2, width // 2),
            flat[luma + chroma :].reshape(height // 2, width // 2),
        )

    @classmethod
    def from_bgr(cls, picture: Image) -> "I420Picture":
        """Of an even (height, width, 3) picture; BT.601, limited range."""
        height, width = picture.shape[:2]
        buffer = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)
        return cls(buffer, (width, height))

    def copy(self) -> "I420Picture":
        height, width = self.planes[0].shape
        return I420Picture(self.buffer.copy(), (width, height))

    def put(self, patch: "I420Picture", region: Region) -> None:
        """Lays a patch of the region's size there; all the region's numbers are even."""
        for plane, part, shrink in zip(self.planes, patch.planes, (1, 2, 2), strict=True):
            top, left = region.top // shrink, region.left // shrink
            plane[top : top + part.shape[0], left : left + part.shape[1]] = part
