"""Where the face is: found in the picture, or told by the caller."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import FaceLandmarks
from services.video.engines.puppet.canonical import canonical_face
from services.video.engines.puppet.eye_tracing import with_traced_eyes
from services.video.engines.puppet.face import Face, Points
from services.video.engines.puppet.thin_plate import thin_plate_warp

Image = npt.NDArray[np.uint8]
SAME_PLACE = 0.12


class FaceLocator(Protocol):
    def locate(self, image: Image) -> Face | None:
        """The most prominent face of a BGR picture, in its pixels, or None where there is none."""
        ...


class GivenLandmarks:
    """Fits the canonical face to the seven points that the caller gave, and traces the eyes."""

    def __init__(self, landmarks: FaceLandmarks) -> None:
        """`InvalidArgument` for points that make no face."""
        self._points = _as_points(landmarks)
        _check_upright(self._points)

    def locate(self, image: Image) -> Face:
        height, width = image.shape[:2]
        x, y = self._points[2:4].mean(axis=0)
        if not (0 <= x < width and 0 <= y < height):
            raise InvalidArgument(
                f"The mouth of the landmarks lies outside of the {width}x{height} portrait."
            )
        canonical = canonical_face()
        fit = thin_plate_warp(seven_points(canonical), self._points)
        return with_traced_eyes(image, Face(fit(canonical.points)))


class GuidedMesh:
    """The face that the caller points at: as traced where one is found there, else as fitted.

    So landmarks choose one of several faces, and landmarks read off a face give that face again.
    """

    def __init__(self, landmarks: FaceLandmarks, mesh: FaceLocator) -> None:
        self._given, self._mesh = GivenLandmarks(landmarks), mesh

    def locate(self, image: Image) -> Face:
        fitted = self._given.locate(image)
        left, top, part = _surroundings(image, fitted)
        found = self._mesh.locate(part)
        traced = None if found is None else found.mapped((1, 1), (-left, -top))
        return traced if traced is not None and _same_place(traced, fitted) else fitted


def seven_points(face: Face) -> Points:
    """(7, 2): the points of `FaceLandmarks` in its order, read off a face."""
    left, right = face.mouth_corners
    eyes = [
        np.concatenate([face.contour(f"{s}_lid"), face.contour(f"{s}_underlid")]).mean(axis=0)
        for s in ("left", "right")
    ]
    upper, lower = face.contour("outer_upper")[5], face.contour("outer_lower")[5]
    return np.stack([*eyes, left, right, upper, lower, face.chin]).astype(np.float32)


def _surroundings(image: Image, face: Face) -> tuple[int, int, Image]:
    """The left, the top and the pixels of the part of the picture around the face, twice its size."""
    height, width = image.shape[:2]
    left, top, right, bottom = face.box
    reach = max(right - left, bottom - top) / 2
    start_x, start_y = max(0, int(left - reach)), max(0, int(top - reach))
    end_x, end_y = min(width, int(right + reach) + 1), min(height, int(bottom + reach) + 1)
    return start_x, start_y, np.ascontiguousarray(image[start_y:end_y, start_x:end_x])


def _same_place(one: Face, other: Face) -> bool:
    points, expected = seven_points(one), seven_points(other)
    between_eyes = float(np.hypot(*(expected[1] - expected[0])))
    return float(np.hypot(*(points - expected).T).mean()) < SAME_PLACE * between_eyes


def landmarks_of(face: Face) -> FaceLandmarks:
    """The seven points of a face, as a caller would give them."""
    points = [(float(x), float(y)) for x, y in seven_points(face)]
    return FaceLandmarks(*points)


def _check_upright(points: Points) -> None:
    left_eye, right_eye, mouth_left, mouth_right, upper_lip, lower_lip, chin = points
    # For a face that leans, "below" is across the line between the eyes, not down the picture.
    across = right_eye - left_eye
    down = np.array([-across[1], across[0]])
    in_order = np.diff([float(p @ down) for p in ((left_eye + right_eye) / 2, upper_lip, lower_lip, chin)])
    wide = np.hypot(*(mouth_right - mouth_left)) >= 1 and float((mouth_right - mouth_left) @ across) > 0
    if not (np.isfinite(points).all() and wide and (in_order > 0).all()):
        raise InvalidArgument(
            "The landmarks make no face: left and right are those of the picture, and from the top down "
            "come the eyes, the upper lip, the lower lip and the chin."
        )


def _as_points(given: FaceLandmarks) -> Points:
    return np.array(
        [
            given.left_eye,
            given.right_eye,
            given.mouth_left,
            given.mouth_right,
            given.upper_lip,
            given.lower_lip,
            given.chin,
        ],
        dtype=np.float32,
    )
