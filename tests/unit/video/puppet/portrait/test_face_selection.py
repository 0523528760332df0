import numpy as np
import pytest

from services.chassis.errors import FaceNotFound
from services.video.engines.protocol import Box, FaceChoice
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Image
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.portrait.face_selection import find_face, overlap

PICTURE = np.zeros((600, 900, 3), dtype=np.uint8)


def face_at(x: float, y: float, unit: float) -> Face:
    return canonical_face().mapped((unit, unit), (-x / unit, -y / unit))


LARGE, SMALL, TINY = face_at(200, 250, 60), face_at(600, 250, 40), face_at(820, 100, 8)


class FakeLocator:
    """Finds the faces whose middle is in the part; tiny ones only in a small part or if asked for more."""

    def faces(self, image: Image, at_least: int = 1) -> list[Face]:
        whole = image.shape == PICTURE.shape
        if whole:
            return [LARGE, SMALL, TINY][: max(2, at_least)]
        left, top = (int(number) for number in np.array(TINY.box[:2]) - (TINY.box[3] - TINY.box[1]) / 2)
        return [TINY.mapped((1, 1), (left, top))] if image.shape[0] < 120 else []


def box_of(face: Face) -> Box:
    left, top, right, bottom = face.box
    return Box(left, top, right - left, bottom - top)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [(None, LARGE), (0, LARGE), (1, SMALL), (2, TINY), (box_of(SMALL), SMALL), (box_of(TINY), TINY)],
)
def test_the_face_is_the_largest_or_the_one_that_is_chosen(choice: FaceChoice | None, expected: Face) -> None:
    found = find_face(FakeLocator(), PICTURE, choice)
    assert overlap(found.box, expected.box) > 0.8


@pytest.mark.parametrize("choice", [3, Box(380, 400, 60, 80)])
def test_a_choice_of_a_face_that_is_not_there_names_those_that_are(choice: FaceChoice) -> None:
    left, top, right, bottom = (round(side) for side in LARGE.box)
    with pytest.raises(FaceNotFound) as refused:
        find_face(FakeLocator(), PICTURE, choice)
    assert f"0: [{left}, {top}, {right - left}, {bottom - top}]; 1: [" in refused.value.message


@pytest.mark.parametrize(
    "box", [Box(1000, 0, 50, 50), Box(float("nan"), 0, 50, 50), Box(-1e308, 0, 1.7e308, 50)]
)
def test_a_box_outside_of_the_picture_is_refused(box: Box) -> None:
    with pytest.raises(FaceNotFound, match="outside"):
        find_face(FakeLocator(), PICTURE, box)
