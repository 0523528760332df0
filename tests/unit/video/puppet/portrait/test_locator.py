from dataclasses import replace

import numpy as np
import pytest

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import FaceLandmarks
from services.video.engines.puppet.geometry.face import POINT_COUNT, Face
from services.video.engines.puppet.geometry.types import Image
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.portrait.locator import (
    GivenLandmarks,
    GuidedMesh,
    landmarks_of,
    seven_points,
)
from tests.examples import CAT_LANDMARKS as CAT

IMAGE = np.zeros((300, 451, 3), dtype=np.uint8)


def landmarks(points: np.ndarray) -> FaceLandmarks:
    return FaceLandmarks(*((float(x), float(y)) for x, y in points))


def test_the_fit_passes_through_the_given_points() -> None:
    fitted = seven_points(GivenLandmarks(CAT).locate(IMAGE))
    given = np.array(
        [CAT.left_eye, CAT.right_eye, CAT.mouth_left, CAT.mouth_right, CAT.upper_lip, CAT.lower_lip, CAT.chin]
    )
    # Eyes are given by their middles, of which the fit moves the outline, so that they may shift a little.
    assert np.abs(fitted[2:] - given[2:]).max() < 0.5
    assert np.abs(fitted[:2] - given[:2]).max() < 3


@pytest.mark.parametrize(("degrees", "scale"), [(0, 80), (20, 40), (-35, 300)])
def test_a_turned_and_scaled_face_is_found_as_it_is(degrees: float, scale: float) -> None:
    turn = np.radians(degrees)
    matrix = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    expected = canonical_face().points @ matrix + np.array([400, 500])
    given = seven_points(canonical_face()) @ matrix + np.array([400, 500])
    fitted = GivenLandmarks(landmarks(given)).locate(np.zeros((1500, 1500, 3), dtype=np.uint8))
    assert fitted.points.shape == (POINT_COUNT, 2)
    assert np.abs(fitted.points - expected).max() < 0.02 * scale


LIPS = ["upper_lip", "lower_lip"]


@pytest.mark.parametrize("unknown", [["chin"], LIPS, [*LIPS, "chin"]])
def test_lips_and_chin_are_estimated_from_the_eyes_and_the_corners_of_the_mouth(unknown: list[str]) -> None:
    turn = np.radians(20)
    matrix = 80 * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    expected = canonical_face().points @ matrix + np.array([400, 500])
    given = landmarks(seven_points(canonical_face()) @ matrix + np.array([400, 500]))
    some = replace(given, **dict.fromkeys(unknown))
    fitted = GivenLandmarks(some).locate(np.zeros((1500, 1500, 3), dtype=np.uint8))
    assert np.abs(fitted.points - expected).max() < 0.03 * 80


def test_eyes_fitted_to_their_middle_have_lids() -> None:
    for eye in GivenLandmarks(CAT).locate(IMAGE).eyes:
        assert (eye.underlid[1:-1, 1] > eye.lid[1:-1, 1]).all()


@pytest.mark.parametrize(
    "broken",
    [
        replace(CAT, mouth_left=CAT.mouth_right, mouth_right=CAT.mouth_left),
        replace(CAT, chin=(252, 100)),
        replace(CAT, lower_lip=CAT.upper_lip),
        replace(CAT, chin=(float("nan"), 299)),
        replace(CAT, mouth_left=(258, 268), mouth_right=(261, 268)),
        replace(CAT, left_eye=(240, 115), right_eye=(244, 115)),
        FaceLandmarks(*[(10.0, 10.0)] * 7),
        FaceLandmarks(*[(10.0, 10.0)] * 4),
    ],
)
def test_points_that_make_no_face_are_refused(broken: FaceLandmarks) -> None:
    with pytest.raises(InvalidArgument, match="landmarks"):
        GivenLandmarks(broken)


def test_a_mouth_outside_of_the_picture_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="outside"):
        GivenLandmarks(CAT).locate(IMAGE[:200])


def test_a_face_far_outside_of_the_picture_is_refused() -> None:
    """Guards the cost of drawing, which grows with the size of the face."""
    vast = FaceLandmarks((-4e8, -5e8), (4e8, -5e8), (-3e8, 270), (3e8, 270), chin=(252, 3e8))
    with pytest.raises(InvalidArgument, match="far outside"):
        GivenLandmarks(vast).locate(IMAGE)


class FakeMesh:
    """Finds `face`, which is in pixels of the whole picture, in the part it is shown."""

    def __init__(self, face: Face | None) -> None:
        self._face = face

    def faces(self, image: Image, at_least: int = 1) -> list[Face]:
        assert image.shape == IMAGE.shape, "the part around the cat's face is the whole picture"
        return [self._face] if self._face else []


def test_landmarks_read_off_a_traced_face_give_that_face_again() -> None:
    traced = GivenLandmarks(CAT).locate(IMAGE)
    traced = replace(traced, points=traced.points + 1)
    found = GuidedMesh(landmarks_of(traced), FakeMesh(traced)).locate(IMAGE)
    assert np.allclose(found.points, traced.points)


@pytest.mark.parametrize("elsewhere", [None, canonical_face().mapped((30, 30), (-2, -2))])
def test_landmarks_win_where_no_face_or_another_is_traced(elsewhere: Face | None) -> None:
    found = GuidedMesh(CAT, FakeMesh(elsewhere)).locate(IMAGE)
    assert np.array_equal(found.points, GivenLandmarks(CAT).locate(IMAGE).points)
