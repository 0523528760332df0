"""Selects the face that the caller means among those in the portrait."""

from collections.abc import Sequence

from services.chassis.errors import FaceNotFound
from services.video.engines.protocol import Box, FaceChoice
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Image, Sides
from services.video.engines.puppet.portrait.locator import FaceLocator, surroundings

MIN_OVERLAP = 0.15
NO_FACE = (
    "No face was found in the portrait. Choose a picture with a clear face, seen from the front, "
    "or say where the eyes and the corners of the mouth are (landmarks)."
)


def find_face(locator: FaceLocator, image: Image, choice: FaceChoice | None) -> Face:
    """Returns the largest face, the one with the chosen index, or the one in the chosen box.

    Raises `FaceNotFound`, which names the faces that there are.
    """
    if isinstance(choice, Box):
        return _in_box(locator, image, choice)
    number = choice or 0
    faces = locator.faces(image, number + 1)
    if number < len(faces):
        return faces[number]
    if not faces:
        raise FaceNotFound(NO_FACE)
    raise FaceNotFound(f"There is no face with the index {number} in the portrait. {_list_of(faces)}")


def overlap(one: Sides, other: Sides) -> float:
    """Returns the area that both boxes share as a part of the area of both together, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def _in_box(locator: FaceLocator, image: Image, box: Box) -> Face:
    """Looks for a face in and around the box, where a small face is detected best, and then everywhere."""
    sides = box.left, box.top, box.left + box.width, box.top + box.height
    height, width = image.shape[:2]
    # Not `<= 0`, which would let a box of NaNs pass.
    if not overlap(sides, (0, 0, width, height)) > 0:
        raise FaceNotFound(f"The box of the face lies outside of the {width}x{height} portrait.")
    left, top, part = surroundings(image, sides)
    near = [face.mapped((1, 1), (-left, -top)) for face in locator.faces(part)]
    faces = near or locator.faces(image)
    best = max(faces, key=lambda face: overlap(face.box, sides), default=None)
    if best is not None and overlap(best.box, sides) >= MIN_OVERLAP:
        return best
    everywhere = locator.faces(image)
    if not everywhere:
        raise FaceNotFound(NO_FACE)
    raise FaceNotFound(f"There is no face in the box. {_list_of(everywhere)}")


def _list_of(faces: Sequence[Face]) -> str:
    boxes = (f"{number}: {_box_of(face)}" for number, face in enumerate(faces))
    return f"Found, as index: [left, top, width, height], are {'; '.join(boxes)}."


def _box_of(face: Face) -> list[int]:
    left, top, right, bottom = (round(side) for side in face.box)
    return [left, top, right - left, bottom - top]


def _area(sides: Sides) -> float:
    return (sides[2] - sides[0]) * (sides[3] - sides[1])
