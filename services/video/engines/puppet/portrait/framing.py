"""Computes which part of the portrait is seen where in the video."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Fit
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Image, Region, Size

MAX_OWN_SIDE = 1280
MIN_SIDE = 16
MAX_SIDE = 4096
FACE_HEIGHT_IN_VIEW = 0.45
MAX_ENLARGEMENT = 4
# A face below this share of the video's height is shown larger, but not as a few large pixels.
MIN_FACE_SHARE, MAX_FACE_ZOOM = 0.2, 2.0


@dataclass(frozen=True, slots=True)
class Framing:
    """Part of the portrait from (left, top), in its pixels, shown at `place` of a picture of `size`.

    All numbers of `place` are even.
    """

    left: int
    top: int
    part_width: int
    part_height: int
    place: Region
    size: Size

    @property
    def scale(self) -> tuple[float, float]:
        return self.place.width / self.part_width, self.place.height / self.part_height


def output_size(portrait: Size, requested: Size) -> Size:
    """Returns an even size; zeros are filled from the portrait's own shape, at most 1280 on the longer side.

    Raises `InvalidArgument` for odd sizes and for sizes that no encoder takes.
    """
    width, height = requested
    if any(side % 2 or side < 0 or side > MAX_SIDE or 0 < side < MIN_SIDE for side in requested):
        raise InvalidArgument(
            f"A video of {width}x{height} pixels cannot be made: give even sides "
            f"from {MIN_SIDE} to {MAX_SIDE}, or 0 for the portrait's own."
        )
    own_width, own_height = portrait
    if width and height:
        return width, height
    if width:
        return width, _even(own_height * width / own_width)
    if height:
        return _even(own_width * height / own_height), height
    shrink = min(1.0, MAX_OWN_SIDE / max(portrait))
    return _even(own_width * shrink), _even(own_height * shrink)


def enlargement(portrait: Size, face: Face, size: Size, fit: Fit = Fit.CROP) -> int:
    """Returns how many times smaller the portrait can be drawn than shown, with no pixel of it lost."""
    return max(1, min(MAX_ENLARGEMENT, int(_zoom(portrait, face, size, fit))))


def drawn_size(size: Size, times: int) -> Size:
    """Returns the even size that is at least `size` when it is enlarged `times` times."""
    width, height = (2 * -(-side // (2 * times)) for side in size)
    return width, height


def frame_face(portrait: Size, face: Face, size: Size, fit: Fit = Fit.CROP, times: int = 1) -> Framing:
    """Returns the framing for a video of `size`, in a picture that is drawn `times` smaller.

    Crop: the largest part of the portrait in the shape of `size`, with the face in the middle of it; less
    around a small face. Pad: all of it, in the middle of the picture, as large as it can be.
    """
    zoom, drawn = _zoom(portrait, face, size, fit), drawn_size(size, times)
    if fit is Fit.PAD:
        return Framing(0, 0, *portrait, _centred(portrait, drawn, zoom / times), drawn)
    own_width, own_height = portrait
    part_width = min(own_width, max(1, round(size[0] / zoom)))
    part_height = min(own_height, max(1, round(size[1] / zoom)))
    left, top, right, bottom = face.box
    return Framing(
        _window((left + right) / 2 - part_width / 2, own_width - part_width),
        _window((top + bottom) / 2 - part_height * FACE_HEIGHT_IN_VIEW, own_height - part_height),
        part_width,
        part_height,
        Region(0, 0, *drawn),
        drawn,
    )


def framed(image: Image, framing: Framing) -> Image:
    """Resamples the part sharply to the size of its place; (height, width) or (height, width, channels)."""
    part = image[
        framing.top : framing.top + framing.part_height, framing.left : framing.left + framing.part_width
    ]
    shrinks = max(framing.scale) < 1
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    resized = cv2.resize(part, (framing.place.width, framing.place.height), interpolation=method)
    return np.ascontiguousarray(resized, dtype=np.uint8)


def framed_face(face: Face, framing: Framing) -> Face:
    """Returns the face in pixels of the framed picture."""
    (across, down), place = framing.scale, framing.place
    return face.mapped(framing.scale, (framing.left - place.left / across, framing.top - place.top / down))


def _zoom(portrait: Size, face: Face, size: Size, fit: Fit) -> float:
    across, down = size[0] / portrait[0], size[1] / portrait[1]
    if fit is Fit.PAD:
        return min(across, down)
    _, top, _, bottom = face.box
    for_the_face = min(MIN_FACE_SHARE * size[1] / max(bottom - top, 1.0), MAX_FACE_ZOOM)
    return max(across, down, for_the_face)


def _centred(portrait: Size, size: Size, zoom: float) -> Region:
    width, height = (
        min(room, max(2, 2 * round(side * zoom / 2))) for side, room in zip(portrait, size, strict=True)
    )
    left, top = (2 * ((room - side) // 4) for room, side in zip(size, (width, height), strict=True))
    return Region(left, top, width, height)


def _window(start: float, room: int) -> int:
    return int(min(max(0, round(start)), room))


def _even(side: float) -> int:
    return max(MIN_SIDE, min(MAX_SIDE, round(side / 2) * 2))
