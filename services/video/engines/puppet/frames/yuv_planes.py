"""Pictures in the encoder's own pixel format, so that a frame is never converted as a whole."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.video.engines.puppet.geometry.types import Image, Plane, Region, Size


@dataclass(frozen=True, slots=True)
class Planes:
    """Planes of a picture: Y of even (height, width), U and V at half the size.

    The opacity is at full size if there is one.
    """

    y: Plane
    u: Plane
    v: Plane
    opacity: Plane | None = None

    @classmethod
    def from_bgr(cls, picture: Image, opacity: Plane | None = None) -> "Planes":
        """Converts an even (height, width, 3) BGR picture; BT.601, limited range."""
        height, width = picture.shape[:2]
        flat = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8).reshape(-1)
        luma, chroma = width * height, width * height // 4
        return cls(
            flat[:luma].reshape(height, width),
            flat[luma : luma + chroma].reshape(height // 2, width // 2),
            flat[luma + chroma :].reshape(height // 2, width // 2),
            opacity,
        )

    @property
    def size(self) -> Size:
        height, width = self.y.shape
        return width, height

    @property
    def full(self) -> tuple[Plane, ...]:
        """Planes that have a number for each pixel."""
        return (self.y,) if self.opacity is None else (self.y, self.opacity)

    @property
    def halved(self) -> tuple[Plane, Plane]:
        """U and V: the planes at half the size."""
        return self.u, self.v

    def of(self, region: Region) -> "Planes":
        """Returns the views of this rectangle; all its numbers are even."""
        half = region.halved()
        opacity = None if self.opacity is None else region.of(self.opacity)
        return Planes(region.of(self.y), half.of(self.u), half.of(self.v), opacity)

    def fill(self, picture: "Planes") -> None:
        """Copies the pixels of a picture of the same size; the opacity stays if that picture has none."""
        self.y[:], self.u[:], self.v[:] = picture.y, picture.u, picture.v
        if self.opacity is not None and picture.opacity is not None:
            self.opacity[:] = picture.opacity

    def enlarged(self, times: int) -> "Planes":
        """Returns the picture with `times` as many pixels in either direction; itself for 1."""
        if times == 1:
            return self
        y, u, v = (_enlarged(plane, times) for plane in (self.y, self.u, self.v))
        return Planes(y, u, v, None if self.opacity is None else _enlarged(self.opacity, times))


def _enlarged(plane: Plane, times: int) -> Plane:
    height, width = plane.shape
    larger = cv2.resize(plane, (width * times, height * times), interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger, dtype=np.uint8)
