"""Which part of the portrait fills the video."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.chassis.errors import InvalidArgument
from services.video.engines.puppet.face import Face
from services.video.engines.puppet.locator import Image

LONGEST_OWN_SIDE = 1280
SMALLEST_SIDE = 16
LARGEST_SIDE = 4096
FACE_HEIGHT_IN_VIEW = 0.45
MOST_ENLARGED = 4


@dataclass(frozen=True, slots=True)
class Framing:
    """The part of the portrait from (left, top), in its pixels, shown as width x height pixels."""

    left: int
    top: int
    part_width: int
    part_height: int
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        return self.width / self.part_width, self.height / self.part_height


def output_size(portrait: tuple[int, int], requested: tuple[int, int]) -> tuple[int, int]:
    """Even (width, height). Zeros are filled from the portrait's own shape, at most 1280 on the longer side.

    `InvalidArgument` for odd sizes and for sizes that no encoder takes.
    """
    width, height = requested
    if any(side % 2 or side < 0 or side > LARGEST_SIDE or 0 < side < SMALLEST_SIDE for side in requested):
        raise InvalidArgument(
            f"A video of {width}x{height} pixels cannot be made: give even sides "
            f"from {SMALLEST_SIDE} to {LARGEST_SIDE}, or 0 for the portrait's own."
        )
    own_width, own_height = portrait
    if width and height:
        return width, height
    if width:
        return width, _even(own_height * width / own_width)
    if height:
        return _even(own_width * height / own_height), height
    shrink = min(1.0, LONGEST_OWN_SIDE / max(portrait))
    return _even(own_width * shrink), _even(own_height * shrink)


def enlargement(portrait: tuple[int, int], size: tuple[int, int]) -> int:
    """How many times larger than it is drawn the portrait is shown, so that no pixel of it is lost."""
    zoom = max(size[0] / portrait[0], size[1] / portrait[1])
    return max(1, min(MOST_ENLARGED, int(zoom)))


def drawn_size(size: tuple[int, int], times: int) -> tuple[int, int]:
    """The even size that is at least `size` when it is enlarged so many times."""
    width, height = (2 * -(-side // (2 * times)) for side in size)
    return width, height


def frame_face(portrait: tuple[int, int], face: Face, size: tuple[int, int]) -> Framing:
    """The largest part of the portrait in the shape of `size` that keeps the face in view."""
    own_width, own_height = portrait
    zoom = max(size[0] / own_width, size[1] / own_height)
    part_width = min(own_width, max(1, round(size[0] / zoom)))
    part_height = min(own_height, max(1, round(size[1] / zoom)))
    left, top, right, bottom = face.box
    return Framing(
        _window((left + right) / 2 - part_width / 2, own_width - part_width),
        _window((top + bottom) / 2 - part_height * FACE_HEIGHT_IN_VIEW, own_height - part_height),
        part_width,
        part_height,
        *size,
    )


def framed(image: Image, framing: Framing) -> Image:
    """(height, width, 3), resampled sharply."""
    part = image[
        framing.top : framing.top + framing.part_height, framing.left : framing.left + framing.part_width
    ]
    shrinks = max(framing.scale) < 1
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    resized = cv2.resize(part, (framing.width, framing.height), interpolation=method)
    return np.ascontiguousarray(resized, dtype=np.uint8)


def framed_face(face: Face, framing: Framing) -> Face:
    return face.mapped(framing.scale, (framing.left, framing.top))


def _window(start: float, room: int) -> int:
    return int(min(max(0, round(start)), room))


def _even(side: float) -> int:
    return max(SMALLEST_SIDE, min(LARGEST_SIDE, round(side / 2) * 2))
