"""Locates the face in a portrait: by a detector, or by the landmarks that the caller gives."""

from typing import Protocol

import numpy as np

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import FaceLandmarks
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.thin_plate import thin_plate_warp
from services.video.engines.puppet.geometry.types import Image, Points, Sides
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.portrait.eye_tracing import with_traced_eyes

MAX_POINT_DISTANCE = 0.12
"""Mean distance of the points of two faces at the same place, in distances of the eyes."""
MIN_PART = 1 / 20
"""Smallest width of the mouth and distance of the eyes, as parts of the way from the eyes to the chin."""


class FaceLocator(Protocol):
    """Detector of faces."""

    def faces(self, image: Image, at_least: int = 1) -> list[Face]:
        """Returns the faces of a BGR picture, in its pixels, the largest first.

        A locator that finds fewer than `at_least` searches harder; the result may still have more, or fewer.
        """
        ...


class GivenLandmarks:
    """Fits the canonical face to the points that the caller gave, and traces the eyes.

    Lips and chin that are not given are placed as in the canonical face, seen as the eyes and the corners of
    the mouth are.
    """

    def __init__(self, landmarks: FaceLandmarks) -> None:
        """Raises `InvalidArgument` for points that make no face, or one out of all proportion."""
        self._points = _as_points(landmarks)
        _check_upright(self._points)

    def locate(self, image: Image) -> Face:
        """Returns the fitted face. Raises `InvalidArgument` for landmarks outside of the picture."""
        height, width = image.shape[:2]
        x, y = self._points[2:4].mean(axis=0)
        if not (0 <= x < width and 0 <= y < height):
            raise InvalidArgument(
                f"The mouth of the landmarks lies outside of the {width}x{height} portrait."
            )
        size = np.array([width, height])
        if (self._points < -size).any() or (self._points > 2 * size).any():
            raise InvalidArgument(f"The landmarks lie far outside of the {width}x{height} portrait.")
        canonical = canonical_face()
        fit = thin_plate_warp(seven_points(canonical), self._points)
        return with_traced_eyes(image, Face(fit(canonical.points), fitted=True))


class GuidedMesh:
    """Locates the face at the caller's landmarks: as the mesh traces it, or else as fitted.

    So landmarks choose one of several faces, and landmarks read off a face give that face again.
    """

    def __init__(self, landmarks: FaceLandmarks, mesh: FaceLocator) -> None:
        self._given, self._mesh = GivenLandmarks(landmarks), mesh

    def locate(self, image: Image) -> Face:
        fitted = self._given.locate(image)
        left, top, part = surroundings(image, fitted.box)
        found = (face.mapped((1, 1), (-left, -top)) for face in self._mesh.faces(part))
        return next((face for face in found if _same_place(face, fitted)), fitted)


def seven_points(face: Face) -> Points:
    """Returns the points of `FaceLandmarks` in its order, (7, 2), read off a face."""
    left, right = face.mouth_corners
    eyes = [
        np.concatenate([face.contour(f"{s}_lid"), face.contour(f"{s}_underlid")]).mean(axis=0)
        for s in ("left", "right")
    ]
    upper, lower = face.contour("outer_upper")[5], face.contour("outer_lower")[5]
    return np.stack([*eyes, left, right, upper, lower, face.chin]).astype(np.float32)


def surroundings(image: Image, box: Sides) -> tuple[int, int, Image]:
    """Returns the left, the top and the pixels of a part around a box, twice its size."""
    height, width = image.shape[:2]
    left, top, right, bottom = box
    reach = max(right - left, bottom - top) / 2
    start_x, start_y = max(0, int(left - reach)), max(0, int(top - reach))
    end_x, end_y = min(width, int(right + reach) + 1), min(height, int(bottom + reach) + 1)
    return start_x, start_y, np.ascontiguousarray(image[start_y:end_y, start_x:end_x])


def _same_place(one: Face, other: Face) -> bool:
    points, expected = seven_points(one), seven_points(other)
    between_eyes = float(np.hypot(*(expected[1] - expected[0])))
    return float(np.hypot(*(points - expected).T).mean()) < MAX_POINT_DISTANCE * between_eyes


def landmarks_of(face: Face) -> FaceLandmarks:
    """Returns the seven points of a face, as a caller would give them."""
    points = [(float(x), float(y)) for x, y in seven_points(face)]
    return FaceLandmarks(*points)


def _check_upright(points: Points) -> None:
    left_eye, right_eye, mouth_left, mouth_right, upper_lip, lower_lip, chin = points
    # For a face that leans, "below" is across the line between the eyes, not down the picture.
    across = right_eye - left_eye
    down = np.array([-across[1], across[0]])
    in_order = np.diff([float(p @ down) for p in ((left_eye + right_eye) / 2, upper_lip, lower_lip, chin)])
    mouth, length = mouth_right - mouth_left, np.hypot(*(chin - (left_eye + right_eye) / 2))
    wide = min(np.hypot(*mouth), np.hypot(*across)) >= max(1, MIN_PART * length) and mouth @ across > 0
    if not (np.isfinite(points).all() and wide and (in_order > 0).all()):
        raise InvalidArgument(
            "The landmarks make no face: left and right are those of the picture, and from the top down "
            "come the eyes, the upper lip, the lower lip and the chin, none of them tiny beside the others."
        )


def _as_points(given: FaceLandmarks) -> Points:
    """Returns the given points as (7, 2), with the missing ones estimated."""
    points = (
        given.left_eye,
        given.right_eye,
        given.mouth_left,
        given.mouth_right,
        given.upper_lip,
        given.lower_lip,
        given.chin,
    )
    known = np.array([point is not None for point in points])
    usual = seven_points(canonical_face())
    affine = np.hstack([usual, np.ones((7, 1))])
    places = np.array([point for point in points if point is not None], dtype=np.float64)
    fit, *_ = np.linalg.lstsq(affine[known], np.nan_to_num(places), rcond=None)
    whole = affine @ fit
    whole[known] = places
    return whole.astype(np.float32)
